"""Splits into pieces of a size from data, so that their number is unknown."""

import torch
from torch import nn


class Pieces(nn.Module):
    def forward(self, x, size):
        first, *rest = x.split(size.item(), dim=1)  #~ data-dependent-guard `x.split(size.item(), dim=1)`
        return first.sum() + len(rest)


model = Pieces()
example_args = (torch.randn(3, 4), torch.tensor(2))
