"""A parametrization of the user's own keeps a weight symmetric, with a non-strict right inverse."""

import torch
from torch import nn
from torch.nn.utils import parametrize


class Symmetric(nn.Module):
    def forward(self, weight):
        return weight.triu() + weight.triu(1).transpose(-1, -2)

    def right_inverse(self, weight):
        return weight.triu()


class Coupling(nn.Module):
    def __init__(self, sites=6):
        super().__init__()
        self.pair = nn.Linear(sites, sites, bias=False)
        parametrize.register_parametrization(self.pair, "weight", Symmetric())
        self.field = nn.Parameter(torch.zeros(sites))

    def forward(self, spins):
        return (spins * self.pair(spins)).sum(-1) / 2 + spins @ self.field


model = Coupling
example_args = (torch.randn(5, 6),)
