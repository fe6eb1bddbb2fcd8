"""math.sqrt of a dynamic size."""

import math

import torch
from torch import nn
from torch.export import Dim


class Scores(nn.Module):
    def forward(self, q, k):
        scale = 1 / math.sqrt(q.shape[-1])  #~ constraint-violation (non-strict) `math.sqrt(q.shape[-1])`
        return q @ k.transpose(-1, -2) * scale


model = Scores()
example_args = (torch.randn(2, 5, 8), torch.randn(2, 5, 8))
width = Dim("width", min=2, max=128)
dynamic_shapes = {"q": {2: width}, "k": {2: width}}
