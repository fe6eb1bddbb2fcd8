"""A dimension is declared as half of another, while the file is imported."""

import torch
from torch import nn
from torch.export import Dim


class Halve(nn.Module):
    def forward(self, x, y):
        return x.sum() + y.sum()


n = Dim("n")
model = Halve()
example_args = (torch.randn(4), torch.randn(2))
dynamic_shapes = {"x": {0: n}, "y": {0: n / 2}}  #~ load-error `n / 2`
