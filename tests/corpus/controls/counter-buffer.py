"""Counts in a buffer, and in a local tensor that it changes in place."""

import torch
from torch import nn


class Counter(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("steps", torch.zeros(()))

    def forward(self, x):
        self.steps.add_(1)
        scale = torch.ones(3)
        scale[0] = 2.0
        scale.mul_(0.5)
        return x * scale / self.steps


model = Counter()
example_args = (torch.randn(3),)
