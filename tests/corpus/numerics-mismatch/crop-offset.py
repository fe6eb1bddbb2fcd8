"""Crops at an offset that a generator of its own draws."""

import random

import torch
from torch import nn

class Crop(nn.Module):
    def __init__(self):
        super().__init__()
        self.rng = random.Random()

    def forward(self, wave):
        start = int(self.rng.random() * 8)  #~ numerics-mismatch (non-strict) `self.rng.random()` #~ graph-break (strict) `self.rng.random()`
        return wave[:, start : start + 8]


model = Crop
example_args = (torch.randn(2, 16),)
