"""Keeps a table in one orientation and turns it in place at every call."""

import torch
from torch import nn


class Codebook(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("table", torch.randn(5, 5))

    def forward(self, x):
        scores = x @ self.table.t_()  #~ decomposition-error (non-strict) `self.table.t_()`: the buffer `table` itself #~ graph-break (strict) `self.table.t_()`
        return scores.softmax(-1)


model = Codebook
example_args = (torch.randn(2, 5),)
