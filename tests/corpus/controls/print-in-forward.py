"""Prints a shape while it computes; torch captures around it."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        h = self.fc(x)
        print("hidden", h.shape)
        return h.relu()


model = Net
example_args = (torch.randn(2, 8),)
