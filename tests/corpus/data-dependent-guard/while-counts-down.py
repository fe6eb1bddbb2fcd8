"""Counts down an integer read from a tensor."""

import torch
from torch import nn


class Repeat(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x, times):
        n = times.item()
        while n > 0:  #~ data-dependent-guard `n > 0`
            x = self.fc(x).tanh()
            n = n - 1
        return x


model = Repeat
example_args = (torch.randn(2, 4), torch.tensor(2))
