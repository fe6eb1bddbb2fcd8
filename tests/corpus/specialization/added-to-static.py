"""A batch that is left to export is added to one that is static."""

import torch
from torch import nn
from torch.export import Dim

class Residual(nn.Module):
    def forward(self, x, skip):
        return (x + skip).relu()  #~ specialization `x + skip`: dimension 0 of `x` is 3


model = Residual()
example_args = (torch.randn(3, 4), torch.randn(3, 4))
dynamic_shapes = {"x": {0: Dim.AUTO}, "skip": {0: Dim.STATIC}}
