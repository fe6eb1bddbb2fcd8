"""Masked assignment, index_put and scatter on copies, at rows from data."""

import torch
from torch import nn


class Updates(nn.Module):
    def forward(self, x, mask, rows):
        y = x.clone()
        y[mask] = 0.0
        y[rows] = y[rows] * 2
        return y.index_fill(0, rows, 1.0), torch.zeros(5).scatter(0, rows, 1.0)


model = Updates()
example_args = (torch.randn(4, 3), torch.tensor([True, False, False, True]), torch.tensor([1, 2]))
