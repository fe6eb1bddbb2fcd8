"""The spec speaks of dimension 3 of a matrix."""

import torch
from torch import nn
from torch.export import Dim


class Net(nn.Module):
    def forward(self, x):
        return x.relu()


model = Net()
example_args = (torch.randn(4, 8),)
dynamic_shapes = {"x": {3: Dim("channels")}}  #~ invalid-dynamic-shapes (non-strict) `{3: Dim("channels")}`
