"""A derivative along a direction, of a function that reads a weight."""

import torch
from torch import nn


class Sensitivity(nn.Module):
    def __init__(self, features=3):
        super().__init__()
        self.scale = nn.Parameter(torch.rand(features))

    def forward(self, x, direction):
        def response(x):
            return torch.tanh(x * self.scale)  #~ graph-break (strict) `self.scale`: parameter or buffer

        return torch.func.jvp(response, (x,), (direction,))[1]


model = Sensitivity
example_args = (torch.randn(5, 3), torch.ones(5, 3))
