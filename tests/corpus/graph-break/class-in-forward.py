"""Defines a class in the middle of forward."""

import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        class Scale:  #~ graph-break (strict) `class Scale: …`
            factor = 2

        return x * Scale.factor


model = Net()
example_args = (torch.randn(2, 4),)
