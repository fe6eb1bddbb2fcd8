"""Tests whether a boolean mask selected anything."""

import torch
from torch import nn


class TopScores(nn.Module):
    def __init__(self):
        super().__init__()
        self.score = nn.Linear(8, 1)

    def forward(self, x):
        choice = self.score(x).squeeze(-1) > 0
        picked = x[choice]
        if picked.shape[0] == 0:  #~ data-dependent-guard `picked.shape[0] == 0`: picked.shape[0] == 0
            return torch.zeros(8)
        return picked.mean(0)


model = TopScores
example_args = (torch.randn(6, 8),)
