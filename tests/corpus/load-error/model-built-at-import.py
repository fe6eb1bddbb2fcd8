"""The model is built at module level, and its constructor raises there."""

import torch
from torch import nn


class Gated(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gate = nn.Linear(width, -width)  #~ load-error `nn.Linear(width, -width)`

    def forward(self, x):
        return x * self.gate(x).sigmoid()


model = Gated(4)
example_args = (torch.randn(2, 4),)
