"""A ShapesCollection gives one entry for a tensor of two dimensions."""

import torch
from torch import nn
from torch.export import Dim, ShapesCollection


class Double(nn.Module):
    def forward(self, x):
        return x * 2


x = torch.randn(3, 4)
model = Double()
example_args = (x,)
dynamic_shapes = ShapesCollection()  #~ invalid-dynamic-shapes `ShapesCollection()`
dynamic_shapes[x] = (Dim("rows"),)
