"""The spec is a word."""

import torch
from torch import nn


class Double(nn.Module):
    def forward(self, x):
        return x * 2


model = Double()
example_args = (torch.randn(3),)
dynamic_shapes = "auto"  #~ invalid-dynamic-shapes `"auto"`
