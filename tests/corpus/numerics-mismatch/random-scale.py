"""Scales by a random number of Python, which non-strict export bakes in."""

import random

import torch
from torch import nn


class Jitter(nn.Module):
    def forward(self, x):
        noisy = x + 1
        return noisy * random.uniform(0.5, 1.5)  #~ numerics-mismatch (non-strict) `noisy * random.uniform(0.5, 1.5)` #~ graph-break (strict) `random.uniform(0.5, 1.5)`


model = Jitter()
example_args = (torch.randn(4),)
