"""A dimension is pinned to 16 where the example has 8."""

import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return x.relu()


model = Net()
example_args = (torch.randn(4, 8),)
dynamic_shapes = {"x": {1: 16}}  #~ invalid-dynamic-shapes `16`
