"""An optional input that is None is given a dynamic dimension."""

import torch
from torch import nn
from torch.export import Dim


class Masked(nn.Module):
    def forward(self, x, mask=None):
        return x if mask is None else x * mask


rows = Dim("rows")
model = Masked()
example_args = (torch.randn(3), None)
dynamic_shapes = {"x": {0: rows}, "mask": {0: rows}}  #~ invalid-dynamic-shapes `{0: rows}`: mask
