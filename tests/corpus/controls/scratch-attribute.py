"""Hands a tensor on through an attribute and clears it before it returns."""

import torch
from torch import nn

class Norm(nn.Module):
    def __init__(self):
        super().__init__()
        self.scratch = None

    def measure(self):
        return self.scratch.square().mean()

    def forward(self, x):
        self.scratch = x - x.mean()
        try:
            return x / (self.measure() + 1e-6).sqrt()
        finally:
            self.scratch = None


model = Norm()
example_args = (torch.randn(4),)
