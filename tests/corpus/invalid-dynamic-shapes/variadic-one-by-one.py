"""forward takes *maps, and the spec has an entry for each of them at the top."""

import torch
from torch import nn
from torch.export import Dim


class Merge(nn.Module):
    def forward(self, *maps):
        return sum(maps)


rows = Dim("rows")
model = Merge()
example_args = (torch.randn(3), torch.randn(3))
dynamic_shapes = ({0: rows}, {0: rows})  #~ invalid-dynamic-shapes `({0: rows}, {0: rows})`: `*maps`
