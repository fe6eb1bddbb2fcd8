"""Resizes a buffer in place."""

import torch
from torch import nn


class Scratch(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("scratch", torch.zeros(4))

    def forward(self, x):
        self.scratch.resize_(8)  #~ graph-break (strict) `self.scratch.resize_(8)` #~ decomposition-error (non-strict) `self.scratch.resize_(8)`
        return x + self.scratch.shape[0]


model = Scratch
example_args = (torch.randn(2, 4),)
