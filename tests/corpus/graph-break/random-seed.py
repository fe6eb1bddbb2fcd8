"""Draws Python random numbers with a generator of its own."""

import random

import torch
from torch import nn


class RandomShift(nn.Module):
    def __init__(self, seed=0):
        super().__init__()
        self.rng = random.Random(seed)

    def forward(self, x):
        shift = self.rng.randint(0, 3)  #~ graph-break (strict) `self.rng.randint(0, 3)` #~ numerics-mismatch (non-strict) `self.rng.randint(0, 3)`: called once
        return x.roll(shift, -1)


model = RandomShift
example_args = (torch.randn(2, 8),)
