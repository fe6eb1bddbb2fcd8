"""The dimension's number is a string, which only strict mode overlooks."""

import torch
from torch import nn
from torch.export import Dim


class Double(nn.Module):
    def forward(self, x):
        return x * 2


model = Double()
example_args = (torch.randn(3, 4),)
dynamic_shapes = {"x": {"0": Dim("rows")}}  #~ invalid-dynamic-shapes (non-strict) `{"0": Dim("rows")}`
