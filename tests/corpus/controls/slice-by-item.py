"""Slices by an integer from the data; nothing has to be known about it."""

import torch
from torch import nn


class Prefix(nn.Module):
    def forward(self, x, n):
        return x[: n.item()] * 2  #~ data-dependent-guard [torch<=2.6] `x[: n.item()]`


model = Prefix()
example_args = (torch.randn(5, 4), torch.tensor(3))
