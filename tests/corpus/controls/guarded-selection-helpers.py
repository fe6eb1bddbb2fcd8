"""Bounds on a selection stated before it is used, in a helper."""

import torch
from torch import nn


def take(x, mask, most):
    rows = x[mask]
    torch._check(rows.shape[0] <= most)
    torch._check(rows.shape[0] > 1)
    return rows


class Masked(nn.Module):
    def forward(self, x, mask):
        rows = take(x, mask, x.shape[0])
        return rows if rows.shape[0] > 1 else rows + 1


model = Masked()
example_args = (torch.randn(5, 3), torch.tensor([True, False, True, True, False]))
