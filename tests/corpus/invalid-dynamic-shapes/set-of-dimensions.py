"""The dynamic dimensions of an input are a set of numbers."""

import torch
from torch import nn


class Double(nn.Module):
    def forward(self, x):
        return x * 2


model = Double()
example_args = (torch.randn(3, 4),)
dynamic_shapes = {"x": {0, 1}}  #~ invalid-dynamic-shapes `{0, 1}`
