"""Indexes a buffer by a tensor without dimensions, which strict mode makes a number of."""

import torch
from torch import nn


class Gains(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("gains", torch.tensor([1.0, 0.5, 0.25]))

    def forward(self, x, which):
        gain = self.gains[which]  #~ data-dependent-guard (strict) `self.gains[which]`
        return x * gain


model = Gains
example_args = (torch.randn(3, 4), torch.tensor(1))
