"""Writes to a key cache at a position that is a tensor, through a Python slice."""

import torch
from torch import nn


class KeyCache(nn.Module):
    def __init__(self, length=16, width=4):
        super().__init__()
        self.register_buffer("keys", torch.zeros(1, length, width))

    def forward(self, key, position):
        p = position
        self.keys[:, p : p + 1] = key  #~ data-dependent-guard (non-strict) `self.keys[:, p : p + 1]`  #~ graph-break (strict) [torch<=2.6] `p : p + 1`
        return self.keys.sum(1)


model = KeyCache
example_args = (torch.randn(1, 1, 4), torch.tensor(3))
