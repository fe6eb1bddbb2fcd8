"""Normalises selected rows by their own batch, which must be more than one."""

import torch
from torch import nn


class Foreground(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.norm = nn.BatchNorm1d(width)

    def forward(self, rows, mask):
        return self.norm(rows[mask]).relu()  #~ data-dependent-guard `self.norm(rows[mask])`


model = Foreground
example_args = (torch.randn(5, 4), torch.tensor([True, True, False, True, False]))
