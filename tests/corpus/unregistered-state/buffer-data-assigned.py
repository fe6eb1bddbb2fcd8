"""Assigns to the data of a buffer, which non-strict export drops."""

import torch
from torch import nn


class Remember(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("last", torch.zeros(3))

    def forward(self, x):
        y = x * 2
        self.last.data = y  #~ unregistered-state (non-strict) `self.last.data` #~ serialization-error (strict) `self.last.data`
        return y + 1


model = Remember
example_args = (torch.randn(3),)
