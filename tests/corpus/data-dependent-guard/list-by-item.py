"""Picks a layer out of a Python list with an integer from a tensor."""

import torch
from torch import nn


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(3))

    def forward(self, x, which):
        layer = self.layers[which.item()]  #~ data-dependent-guard `self.layers[which.item()]`
        return layer(x)


model = Router
example_args = (torch.randn(2, 4), torch.tensor(1))
