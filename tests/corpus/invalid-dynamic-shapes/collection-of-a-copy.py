"""A ShapesCollection speaks of a tensor of which the example has a copy."""

import torch
from torch import nn
from torch.export import Dim, ShapesCollection


class Double(nn.Module):
    def forward(self, x):
        return x * 2


x = torch.randn(3, 4)
model = Double()
example_args = (x.clone(),)
dynamic_shapes = ShapesCollection()  #~ invalid-dynamic-shapes `ShapesCollection()`: not copies
dynamic_shapes[x] = {0: Dim("rows")}
