"""Arithmetic, reductions and layers on a selection of unknown size."""

import torch
from torch import nn


class Foreground(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.LayerNorm(4), nn.Linear(4, 8), nn.GELU(), nn.Linear(8, 2))

    def forward(self, rows, mask):
        chosen = self.layers(rows[mask])
        return chosen.softmax(0), chosen.sum(0), chosen.cumsum(0), torch.cat([chosen, chosen])


model = Foreground
example_args = (torch.randn(5, 4), torch.tensor([True, False, True, True, False]))
