"""Unbinds a dimension that is declared dynamic."""

import torch
from torch import nn
from torch.export import Dim


class Steps(nn.Module):
    def forward(self, x):
        return sum(row.tanh() for row in x.unbind(0))  #~ constraint-violation `x.unbind(0)`


model = Steps()
example_args = (torch.randn(6, 2),)
dynamic_shapes = {"x": {0: Dim("steps", min=2, max=64)}}
