"""Calls a function that was scripted, which export sees through."""

import torch
from torch import nn


@torch.jit.script
def gelu_fast(x: torch.Tensor) -> torch.Tensor:
    return 0.5 * x * (1.0 + torch.tanh(0.79788456 * x * (1 + 0.044715 * x * x)))


class Net(nn.Module):
    def forward(self, x):
        return gelu_fast(x) + x


model = Net()
example_args = (torch.randn(2, 4),)
