"""Warns that it is deprecated; torch captures around it."""

import warnings

import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        warnings.warn("this head is deprecated")
        return x + 1


model = Net()
example_args = (torch.randn(2, 8),)
