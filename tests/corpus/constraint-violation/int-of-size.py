"""int() of a dynamic size makes it a constant."""

import torch
from torch import nn
from torch.export import Dim


class Positions(nn.Module):
    def forward(self, x):
        n = int(x.shape[0])  #~ constraint-violation (non-strict) `int(x.shape[0])`
        return x + torch.arange(n)


model = Positions()
example_args = (torch.randn(6),)
dynamic_shapes = {"x": {0: Dim("n", min=2, max=32)}}
