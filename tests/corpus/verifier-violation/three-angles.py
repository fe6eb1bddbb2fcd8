"""Three angles of a dynamic size in one expression each."""

import math

import torch
from torch import nn
from torch.export import Dim


class Angles(nn.Module):
    def forward(self, x):
        n = x.shape[0]
        a = math.asin(1 / n)  #~ verifier-violation (strict) `math.asin(1 / n)` #~ constraint-violation (non-strict) `math.asin(1 / n)`
        b = math.atan(n)  #~ verifier-violation (strict) `math.atan(n)`
        c = math.sinh(1 / n) + a  #~ verifier-violation (strict) `math.sinh(1 / n)`
        return x * a + b - c


model = Angles()
example_args = (torch.randn(8),)
dynamic_shapes = {"x": {0: Dim("samples", min=2, max=64)}}
