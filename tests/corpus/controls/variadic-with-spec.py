"""forward takes *maps, and the spec has one tuple for all of them."""

import torch
from torch import nn
from torch.export import Dim


class Merge(nn.Module):
    def forward(self, *maps):
        return sum(maps)


rows = Dim("rows")
model = Merge()
example_args = (torch.randn(3), torch.randn(3))
dynamic_shapes = {"maps": ({0: rows}, {0: rows})}
