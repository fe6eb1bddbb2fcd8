"""A small MLP."""

import torch
from torch import nn


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 4))

    def forward(self, x):
        y = self.layers(x)
        picked = y[y > 0]
        if picked.shape[0] == NUMBER:
            return y
        return y + picked.sum()


NUMBER = 1
model = MLP()
example_args = (torch.randn(8, 16),)
