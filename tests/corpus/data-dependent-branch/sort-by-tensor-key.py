"""Sorts rows by a key that is a tensor."""

import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        rows = sorted(x.unbind(0), key=lambda row: row.sum())  #~ data-dependent-branch [torch>2.6] `sorted(x.unbind(0), key=lambda row: row.sum())`  #~ data-dependent-branch (non-strict) [torch<=2.6] `sorted(x.unbind(0), key=lambda row: row.sum())`  #~ graph-break (strict) [torch<=2.6] `sorted(x.unbind(0), key=lambda row: row.sum())`
        return torch.stack(rows)


model = Net()
example_args = (torch.randn(3, 4),)
