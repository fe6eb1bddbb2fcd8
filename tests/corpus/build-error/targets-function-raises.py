"""The function that returns the export targets raises before it returns any."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.Sequential(*[nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])])

    def forward(self, x):
        return self.layers(x)


def export_targets():
    sizes = {"small": (8, 4)}
    return {
        name: {"model": Net(sizes[name]), "args": (torch.randn(2, 8),)}  #~ build-error `sizes[name]`
        for name in ("small", "large")
    }
