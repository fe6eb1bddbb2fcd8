"""Scales by math.sqrt of a size; the width of the keys has no say in it."""

import math

import torch
from torch import nn
from torch.export import Dim

class Scores(nn.Module):
    def forward(self, q, k):
        return q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])  #~ specialization (non-strict) `math.sqrt(q.shape[-1])`: dimension 2 of `q` and `k` are 8


model = Scores()
example_args = (torch.randn(2, 5, 8), torch.randn(2, 5, 8))
dynamic_shapes = ({1: Dim.AUTO, 2: Dim.AUTO}, {1: Dim.AUTO, 2: Dim.AUTO})
