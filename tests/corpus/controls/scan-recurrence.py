"""A recurrence over a static length in a loop, and a cumulative form of it."""

import torch
from torch import nn
from torch.export import Dim


class Recurrence(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.decay = nn.Parameter(torch.rand(width))

    def forward(self, x):
        state = torch.zeros_like(x[:, 0])
        outputs = []
        for t in range(x.shape[1]):
            state = state * self.decay + x[:, t]
            outputs.append(state)
        return torch.stack(outputs, 1), x.cumsum(1)


model = Recurrence
example_args = (torch.randn(2, 5, 4),)
dynamic_shapes = {"x": {0: Dim("batch")}}
