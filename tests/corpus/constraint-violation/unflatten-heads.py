"""Splits a dynamic width into heads of eight."""

import torch
from torch import nn
from torch.export import Dim


class SplitHeads(nn.Module):
    def split(self, x):
        return x.unflatten(-1, (4, 8)).transpose(1, 2)  #~ constraint-violation `x.unflatten(-1, (4, 8))`

    def forward(self, x):
        return self.split(x).contiguous()


model = SplitHeads()
example_args = (torch.randn(2, 5, 32),)
dynamic_shapes = {"x": {2: Dim("width", min=8, max=256)}}
