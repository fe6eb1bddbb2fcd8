"""Draws noise with its own generator."""

import torch
from torch import nn


class Noisy(nn.Module):
    def __init__(self):
        super().__init__()
        self.generator = torch.Generator()

    def forward(self, x):
        noise = torch.randn(x.shape, generator=self.generator)  #~ graph-break (strict) `torch.randn(x.shape, generator=self.generator)`  #~ unsupported-operator (non-strict) [torch<=2.6] `torch.randn(x.shape, generator=self.generator)`
        return x + noise


model = Noisy
example_args = (torch.randn(4),)
