"""Dim.AUTO leaves it to export whether a dimension is dynamic; view() makes it static."""

import torch
from torch import nn
from torch.export import Dim


class Net(nn.Module):
    def forward(self, x):
        return x.view(4, 8)  #~ specialization `x.view(4, 8)`: dimension 0 of `x` is 4


model = Net()
example_args = (torch.randn(4, 2, 4),)
dynamic_shapes = {"x": {0: Dim.AUTO}}
