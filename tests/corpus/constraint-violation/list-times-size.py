"""Repeats a list by a dynamic size."""

import torch
from torch import nn
from torch.export import Dim


class Repeated(nn.Module):
    def forward(self, x, y):
        return torch.stack([y] * x.shape[0])  #~ constraint-violation `[y] * x.shape[0]`


model = Repeated()
example_args = (torch.randn(3, 4), torch.randn(2))
dynamic_shapes = {"x": {0: Dim("rows", max=99)}, "y": None}
