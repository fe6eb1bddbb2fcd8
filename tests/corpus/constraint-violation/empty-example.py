"""The example has no rows, and the number of rows is declared dynamic."""

import torch
from torch import nn
from torch.export import Dim


class Double(nn.Module):
    def forward(self, x):
        return x * 2


model = Double()
example_args = (torch.randn(0, 4),)  #~ constraint-violation `torch.randn(0, 4)`: size 0
dynamic_shapes = {"x": {0: Dim("rows")}}
