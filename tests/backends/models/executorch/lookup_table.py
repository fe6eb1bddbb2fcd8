"""A search in a sorted table."""

import torch
from torch import nn


class Interpolate(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("knots", torch.linspace(0, 1, 9))

    def forward(self, x):
        right = torch.searchsorted(self.knots, x).clamp(1, 8)  #~ backend-unsupported `torch.searchsorted(self.knots, x)`: `aten::searchsorted`
        return self.knots[right] - self.knots[right - 1]


model = Interpolate()
example_args = (torch.rand(3, 4),)
