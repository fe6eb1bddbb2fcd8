"""A running maximum, which no part of ExecuTorch has."""

import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        peaks = x.cummax(-1).values  #~ backend-unsupported `x.cummax(-1)`: `aten::cummax`
        return (peaks - x).relu()


model = Net()
example_args = (torch.randn(4, 8),)
