"""Calls backward() inside forward."""

import torch
from torch import nn


class TestTime(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 1)

    def forward(self, x):
        loss = self.fc(x).square().mean()
        loss.backward()  #~ graph-break (strict) `loss.backward()`
        return self.fc.weight.grad


model = TestTime
example_args = (torch.randn(2, 4),)
