"""Starts with a byte order mark."""

import torch
from torch import nn


class Gate(nn.Module):
    def forward(self, x):
        return x if x.mean() > 0 else -x  #~ data-dependent-branch `x.mean() > 0`


model = Gate()
example_args = (torch.randn(2, 4),)
