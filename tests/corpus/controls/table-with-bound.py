"""Slices a table of 32 rows by a length that the spec keeps below 32."""

import torch
from torch import nn
from torch.export import Dim


class CausalBias(nn.Module):
    def __init__(self, longest=32):
        super().__init__()
        self.register_buffer("mask", torch.ones(longest, longest).tril())

    def forward(self, x):
        s = x.shape[1]
        return x + self.mask[:s, :s]


length = Dim("length", min=2, max=31)
model = CausalBias
example_args = (torch.randn(2, 8, 8),)
dynamic_shapes = {"x": {1: length, 2: length}}
