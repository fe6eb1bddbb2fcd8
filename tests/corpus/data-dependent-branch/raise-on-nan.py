"""Raises when the input has NaNs."""

import torch
from torch import nn


def check_input(x):
    if torch.isnan(x).any():  #~ data-dependent-branch `torch.isnan(x).any()`
        raise ValueError("NaN in the input")
    return x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        return self.fc(check_input(x))


model = Net
example_args = (torch.randn(2, 8),)
