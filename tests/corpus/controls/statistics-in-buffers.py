"""Running statistics kept in buffers that are updated in place."""

import torch
from torch import nn


class Normaliser(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("count", torch.zeros(()))

    def forward(self, x):
        self.count.add_(x.shape[0])
        self.mean.lerp_(x.mean(0), 0.1)
        return (x - self.mean) / self.count.sqrt()


model = Normaliser
example_args = (torch.randn(3, 4),)
