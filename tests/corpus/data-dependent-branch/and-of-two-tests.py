"""An `and` whose second operand is the tensor."""

import torch
from torch import nn


class Dropper(nn.Module):
    def __init__(self, rate=0.5):
        super().__init__()
        self.rate = rate

    def forward(self, x, noise):
        if self.rate > 0 and noise.min() < self.rate:  #~ data-dependent-branch `noise.min() < self.rate`
            x = x * (noise > self.rate)
        return x


model = Dropper
example_args = (torch.randn(2, 8), torch.rand(2, 8))
