"""Assigns a counter buffer of the model itself, which strict mode drops."""

import torch
from torch import nn

class Counted(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x):
        self.calls = self.calls + 1  #~ unregistered-state (strict) `self.calls`: goes on with the old one
        return x / self.calls


model = Counted
example_args = (torch.randn(3),)
