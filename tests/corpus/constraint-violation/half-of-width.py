"""Divides a dynamic width with `/` and makes an integer of the result."""

import torch
from torch import nn
from torch.export import Dim


class Halves(nn.Module):
    def forward(self, rows):
        middle = int(rows.shape[1] / 2)  #~ constraint-violation (non-strict) `int(rows.shape[1] / 2)`: width
        return rows.new_ones(middle).cumsum(0).sum() * rows.mean()


model = Halves()
example_args = (torch.randn(3, 10),)
dynamic_shapes = {"rows": {1: Dim("width", min=4, max=256)}}
