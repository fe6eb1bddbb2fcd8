"""A buffer that every call changes."""

import torch
from torch import nn


class Counter(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("seen", torch.zeros(3))

    def forward(self, x):
        self.seen.add_(x.sum(0))
        return x / (self.seen.abs() + 1)


model = Counter()
example_args = (torch.randn(2, 3),)
