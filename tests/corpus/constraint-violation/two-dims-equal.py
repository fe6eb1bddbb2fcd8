"""Two dimensions with different names are added, so they are always equal."""

import torch
from torch import nn
from torch.export import Dim


class Add(nn.Module):
    def forward(self, x, y):
        return x + y  #~ constraint-violation `x + y`


model = Add()
example_args = (torch.randn(4, 8), torch.randn(4, 8))
dynamic_shapes = {"x": {0: Dim("rows")}, "y": {0: Dim("columns")}}
