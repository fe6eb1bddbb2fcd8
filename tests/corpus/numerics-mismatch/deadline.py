"""Refines for as long as there is time."""

import time

import torch
from torch import nn

class Anytime(nn.Module):
    def forward(self, x):
        steps = 0
        end = time.monotonic() + 0.002  #~ numerics-mismatch (non-strict) `time.monotonic()` #~ graph-break (strict) `time.monotonic()`
        while time.monotonic() < end and steps < 4:  #~ numerics-mismatch (non-strict) `time.monotonic()` #~ graph-break (strict) `time.monotonic()`
            x = x - 0.1 * x.sin()
            steps += 1
        return x


model = Anytime()
example_args = (torch.randn(4),)
