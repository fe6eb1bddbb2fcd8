"""Parameters, and a pair of layers, in plain containers."""

import torch
from torch import nn


class Scaled(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.scales = [nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))]  #~ unregistered-state (strict) [torch<2.14] `[nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))]`: nn.ParameterList
        self.pair = (nn.Linear(width, width), nn.Linear(width, width))  #~ unregistered-state (strict) [torch<2.14] `(nn.Linear(width, width), nn.Linear(width, width))`: a plain tuple

    def forward(self, x):
        first, second = self.pair
        return second(torch.relu(first(x) * self.scales[0] + self.scales[1]))


model = Scaled
example_args = (torch.randn(2, 4),)
