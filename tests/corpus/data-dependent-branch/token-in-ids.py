"""Tests membership with `in` on a tensor of token ids."""

import torch
from torch import nn


class StopAware(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(10, 4)

    def forward(self, ids):
        h = self.embed(ids)
        if 2 in ids:  #~ data-dependent-branch `2 in ids`
            h = h * 0.5
        return h


model = StopAware
example_args = (torch.tensor([1, 2, 3]),)
