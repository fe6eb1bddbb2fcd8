"""Limits a slice by min()."""

import torch
from torch import nn
from torch.export import Dim


class Head(nn.Module):
    def forward(self, x):
        n = min(x.shape[0], 8)
        return x[:n]  #~ constraint-violation `x[:n]`


model = Head()
example_args = (torch.randn(4, 4),)
dynamic_shapes = {"x": {0: Dim("rows", max=99)}}
