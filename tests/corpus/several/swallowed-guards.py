"""Handlers that swallow the failure, so that export succeeds with the wrong branch, and one that shows."""

import torch
from torch import nn


class Normalise(nn.Module):
    def forward(self, x):
        try:
            if x.abs().sum() > 0:  #~ data-dependent-branch `x.abs().sum() > 0`
                x = x / x.abs().sum()
        except Exception:
            x = x + 1
        return x


def limit(x, size):
    try:
        n = size.item()
        if n > 2:  #~ data-dependent-guard `n > 2`
            return x * 2
    except RuntimeError:
        pass
    return x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.normalise = Normalise()

    def forward(self, x, size):
        x = limit(self.normalise(x), size)
        if torch.isnan(x).any():  #~ data-dependent-branch `torch.isnan(x).any()`
            x = torch.zeros_like(x)
        return x


model = Net
example_args = (torch.randn(2, 4), torch.tensor(3))
