"""Asserts on the values of an activation."""

import torch
from torch import nn


class CheckedNorm(nn.Module):
    def forward(self, x):
        y = (x - x.mean(-1, keepdim=True)) / x.std(-1, keepdim=True)
        assert torch.isfinite(y).all(), "the norm produced infinities"  #~ data-dependent-branch (non-strict) `torch.isfinite(y).all()`
        return y


model = CheckedNorm
example_args = (torch.randn(2, 8),)
