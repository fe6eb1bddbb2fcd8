"""Two functions of math on a dynamic size, on two lines."""

import math

import torch
from torch import nn
from torch.export import Dim


class Taper(nn.Module):
    def forward(self, x):
        scale = math.log2(x.shape[0])  #~ verifier-violation (strict) `math.log2(x.shape[0])` #~ constraint-violation (non-strict) `math.log2(x.shape[0])`
        phase = math.sin(x.shape[0])  #~ verifier-violation (strict) `math.sin(x.shape[0])`
        return x * scale + phase


model = Taper()
example_args = (torch.randn(8),)
dynamic_shapes = {"x": {0: Dim("samples", min=2, max=64)}}
