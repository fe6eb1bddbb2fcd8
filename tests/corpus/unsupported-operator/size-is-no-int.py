"""Asserts that a dynamic size is an int, which it is not while tracing."""

import torch
from torch import nn
from torch.export import Dim


class Checked(nn.Module):
    def forward(self, x):
        assert isinstance(x.shape[0], int)  #~ unsupported-operator (non-strict) `isinstance(x.shape[0], int)`
        return x * 2


model = Checked()
example_args = (torch.randn(3, 4),)
dynamic_shapes = {"x": {0: Dim("rows", max=99)}}
