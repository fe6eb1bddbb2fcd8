"""Assigns a submodule before nn.Module is initialised."""

import torch
from torch import nn


class Projection(nn.Module):
    def __init__(self):
        self.proj = nn.Linear(8, 8)  #~ build-error `self.proj`

    def forward(self, x):
        return self.proj(x)


model = Projection
example_args = (torch.randn(2, 8),)
