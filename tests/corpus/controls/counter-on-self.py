"""Counts its calls in a number on the module, and records shapes in a list."""

import torch
from torch import nn

class Counted(nn.Module):
    def __init__(self):
        super().__init__()
        self.calls = 0
        self.shapes = []

    def forward(self, x):
        self.calls += 1
        self.shapes.append(tuple(x.shape))
        return x + 1


model = Counted
example_args = (torch.randn(2, 4),)
