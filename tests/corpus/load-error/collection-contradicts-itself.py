"""A ShapesCollection gets two different specs for one tensor."""

import torch
from torch import nn
from torch.export import Dim, ShapesCollection


class Double(nn.Module):
    def forward(self, x, y):
        return x * 2 + y


x = torch.randn(3)
model = Double()
example_args = (x, x)
dynamic_shapes = ShapesCollection()
dynamic_shapes[example_args[0]] = {0: Dim("rows")}
dynamic_shapes[example_args[1]] = {0: Dim("others")}  #~ load-error `dynamic_shapes[example_args[1]]`
