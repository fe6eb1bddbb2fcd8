"""Scales by a number from Python's random module."""

import random

import torch
from torch import nn

class Jitter(nn.Module):
    def forward(self, x):
        return x * random.uniform(0.5, 1.5)  #~ numerics-mismatch (non-strict) `random.uniform(0.5, 1.5)`: torch.rand #~ graph-break (strict) `random.uniform(0.5, 1.5)`


model = Jitter()
example_args = (torch.randn(4),)
