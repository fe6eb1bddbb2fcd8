"""Asks for the fourth of three feature maps."""

import torch
from torch import nn


class Pyramid(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(8, 8) for _ in range(3)])

    def features(self, x):
        maps = []
        for layer in self.layers:
            x = layer(x).relu()
            maps.append(x)
        return maps

    def forward(self, x):
        maps = self.features(x)
        return maps[0] + maps[3]  #~ forward-error `maps[3]`


model = Pyramid
example_args = (torch.randn(2, 8),)
