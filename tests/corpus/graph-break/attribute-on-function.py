"""Counts its calls in an attribute of a function."""

import torch
from torch import nn


def activate(x):
    activate.calls += 1  #~ graph-break (strict) [torch<=2.13] `activate.calls`
    return x.relu()


activate.calls = 0


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        return activate(self.fc(x))


model = Net
example_args = (torch.randn(2, 4),)
