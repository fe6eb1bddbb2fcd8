"""Chooses a branch by the sign of a sum."""

import torch
from torch import nn


class SignGate(nn.Module):
    def __init__(self):
        super().__init__()
        self.positive = nn.Linear(8, 8)
        self.negative = nn.Linear(8, 8)

    def forward(self, x):
        if x.sum() > 0:  #~ data-dependent-branch `x.sum() > 0`
            return self.positive(x)
        return self.negative(x)


model = SignGate
example_args = (torch.randn(2, 8),)
