"""Looks into the dict of a tensor's attributes."""

import torch
from torch import nn


class Tagged(nn.Module):
    def forward(self, x):
        tags = x.__dict__  #~ graph-break (strict) `x.__dict__`
        return x * (len(tags) + 1)  #~ numerics-mismatch (non-strict) `x * (len(tags) + 1)`


model = Tagged()
example_args = (torch.randn(2, 4),)
