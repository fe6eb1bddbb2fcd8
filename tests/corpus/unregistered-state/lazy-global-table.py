"""A table is made at the first call and kept in a global: it stays a fake tensor."""

import torch
from torch import nn

TABLES = {}


def table(length):
    if length not in TABLES:
        TABLES[length] = torch.arange(length) / length  #~ unregistered-state (non-strict) `TABLES[length]`: has no values
    return TABLES[length]


class Positions(nn.Module):
    def forward(self, x):
        return x + table(x.shape[1])


model = Positions()
example_args = (torch.randn(2, 4),)
