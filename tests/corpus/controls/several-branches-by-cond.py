"""Nested torch.cond with closures over parameters."""

import torch
from torch import nn


class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(4))

    def forward(self, x):
        def inner(x):
            return torch.cond(x.amax() > 1, lambda x: x * self.scale, lambda x: x.clone(), (x,))

        return torch.cond(x.sum() > 0, inner, lambda x: x - 1, (x,))


model = Gate
example_args = (torch.randn(2, 4),)
