"""A fixed number of iterations whose update stops by torch.where."""

import torch
from torch import nn


class Equilibrium(nn.Module):
    def __init__(self, steps=4):
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.steps = steps

    def forward(self, x):
        settled = torch.zeros((), dtype=torch.bool)
        for _ in range(self.steps):
            new = self.linear(x).tanh()
            settled = settled | ((new - x).abs().amax() < 1e-3)
            x = torch.where(settled, x, new)
        return x, settled


model = Equilibrium
example_args = (torch.randn(2, 4),)
