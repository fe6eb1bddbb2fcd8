"""The spec covers the positional argument and forgets the keyword one."""

import torch
from torch import nn
from torch.export import Dim


class Masked(nn.Module):
    def forward(self, x, mask=None):
        return x if mask is None else x * mask


model = Masked()
example_args = (torch.randn(4, 8),)
example_kwargs = {"mask": torch.ones(4, 8)}
dynamic_shapes = {"x": {0: Dim("batch")}}  #~ invalid-dynamic-shapes `{"x": {0: Dim("batch")}}`: mask
