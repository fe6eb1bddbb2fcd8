"""Leaves a loop over layers as soon as the halting score is high enough."""

import torch
from torch import nn


class EarlyExit(nn.Module):
    def __init__(self, depth=3):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(8, 8) for _ in range(depth))
        self.halt = nn.Linear(8, 1)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x).tanh()
            if (
                torch.sigmoid(self.halt(x)).mean()  #~ data-dependent-branch `torch.sigmoid(self.halt(x)).mean() …`
                > 0.9
            ):
                break
        return x


model = EarlyExit
example_args = (torch.randn(2, 8),)
