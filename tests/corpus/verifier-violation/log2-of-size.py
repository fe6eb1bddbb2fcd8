"""int(math.log2(n)) of a dynamic size leaves Python math functions in the graph."""

import math

import torch
from torch import nn
from torch.export import Dim


class Depth(nn.Module):
    def forward(self, x):
        depth = int(math.log2(x.shape[0]))  #~ verifier-violation (strict) [torch>2.6] `math.log2(x.shape[0])` #~ constraint-violation (non-strict) `math.log2(x.shape[0])`  #~ verifier-violation (strict) [torch<=2.6] `int(math.log2(x.shape[0]))`
        return x * depth


model = Depth()
example_args = (torch.randn(8),)
dynamic_shapes = {"x": {0: Dim("n", min=2, max=64)}}
