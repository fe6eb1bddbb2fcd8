"""Plain tensors made of the weights while building, which export keeps as constants."""

import torch
from torch import nn


class Anchored(nn.Module):
    """A layer that remembers where its weights started, for a penalty on how far they move."""

    def __init__(self, dim=8):
        super().__init__()
        self.layer = nn.Linear(dim, dim)
        self.start = [p.detach().clone() for p in self.layer.parameters()]
        self.scales = {"weight": self.layer.weight.detach().norm(dim=1, keepdim=True)}

    def forward(self, x):
        weight = self.layer.weight / self.scales["weight"]
        moved = sum((p - s).square().sum() for p, s in zip(self.layer.parameters(), self.start))
        return nn.functional.linear(x, weight, self.layer.bias), moved


model = Anchored()
example_args = (torch.randn(2, 8),)
