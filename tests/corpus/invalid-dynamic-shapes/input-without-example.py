"""dynamic_shapes has an entry for an input with a default, which the example inputs leave out."""

import torch
from torch import nn
from torch.export import Dim


class Scale(nn.Module):
    def forward(self, x, mask=None):
        return x * 2 if mask is None else x * mask


model = Scale()
example_args = (torch.randn(4, 3),)
dynamic_shapes = {"x": {0: Dim("rows", min=2, max=64)}, "mask": None}  #~ invalid-dynamic-shapes `"mask"`: give no value for `mask`
