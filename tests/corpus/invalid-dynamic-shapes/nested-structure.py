"""The input is a list of two tensors, the spec a list of three."""

import torch
from torch import nn
from torch.export import Dim


class Concat(nn.Module):
    def forward(self, maps):
        return torch.cat(maps, -1)


rows = Dim("rows")
model = Concat()
example_args = ([torch.randn(4, 2), torch.randn(4, 3)],)
dynamic_shapes = {"maps": [{0: rows}, {0: rows}, {0: rows}]}  #~ invalid-dynamic-shapes `[{0: rows}, {0: rows}, {0: rows}]`
