"""Adds a parameter of fixed length to a sequence of dynamic length."""

import torch
from torch import nn
from torch.export import Dim


class PositionBias(nn.Module):
    def __init__(self, length=8):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(length))

    def forward(self, x):
        return x + self.bias  #~ constraint-violation `x + self.bias`


model = PositionBias
example_args = (torch.randn(2, 8),)
dynamic_shapes = {"x": {1: Dim("length", max=64)}}
