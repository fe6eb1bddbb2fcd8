"""Two inputs share one Dim, and a third is longer by one."""

import torch
from torch import nn
from torch.export import Dim


class Shifted(nn.Module):
    def forward(self, x, y, z):
        return x + y + z[1:]


n = Dim("n", min=3, max=64)
model = Shifted()
example_args = (torch.randn(5), torch.randn(5), torch.randn(6))
dynamic_shapes = {"x": {0: n}, "y": {0: n}, "z": {0: n + 1}}
