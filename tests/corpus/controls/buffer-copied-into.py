"""State kept in a buffer that is written with copy_."""

import torch
from torch import nn


class MovingAverage(nn.Module):
    def __init__(self, decay=0.9):
        super().__init__()
        self.decay = decay
        self.register_buffer("mean", torch.zeros(8))

    def forward(self, x):
        mean = self.mean * self.decay + x.mean(0) * (1 - self.decay)
        self.mean.copy_(mean)
        return x - mean


model = MovingAverage
example_args = (torch.randn(4, 8),)
