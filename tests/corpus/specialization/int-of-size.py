"""int() of a size that export was left to decide about."""

import torch
from torch import nn
from torch.export import Dim

class Positions(nn.Module):
    def forward(self, x):
        return x + torch.arange(int(x.shape[0]))  #~ specialization (non-strict) `int(x.shape[0])`: dimension 0 of `x` is 6


model = Positions()
example_args = (torch.randn(6),)
dynamic_shapes = {"x": {0: Dim.AUTO}}
