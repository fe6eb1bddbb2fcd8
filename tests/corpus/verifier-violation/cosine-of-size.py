"""math.cos of a dynamic size is traced into a function that the dialect does not know."""

import math

import torch
from torch import nn
from torch.export import Dim


class Window(nn.Module):
    def forward(self, x):
        taper = math.cos(1 / x.shape[0])  #~ verifier-violation (strict) `math.cos(1 / x.shape[0])` #~ constraint-violation (non-strict) `math.cos(1 / x.shape[0])`
        return x * taper


model = Window()
example_args = (torch.randn(8),)
dynamic_shapes = {"x": {0: Dim("samples", min=2, max=64)}}
