"""Takes the new mean out of the torch.no_grad block and copies it into the buffer there."""

import torch
from torch import nn


class RunningMean(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(3))

    def forward(self, x):
        with torch.no_grad():
            mean = 0.9 * self.mean + 0.1 * x.mean(0)
        self.mean.copy_(mean)
        return x - mean


model = RunningMean
example_args = (torch.randn(4, 3),)
