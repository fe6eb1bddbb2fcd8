"""Keeps its options in a private dict of its own class, which has them as attributes too."""

import torch
from torch import nn


class Options(dict):
    def __init__(self, **options):
        super().__init__(options)
        for name, value in options.items():
            setattr(self, name, value)


class Scaled(nn.Module):
    def __init__(self, options):
        super().__init__()
        self._options = options
        self.norm = nn.LayerNorm(options.width)

    def forward(self, x):
        if self._options.normalised:
            x = self.norm(x)
        return x * self._options.scale


model = Scaled(Options(width=8, normalised=True, scale=0.5))
example_args = (torch.randn(3, 8),)
