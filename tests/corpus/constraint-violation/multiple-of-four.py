"""Groups rows by four, so the declared dimension has to be a multiple of four."""

import torch
from torch import nn
from torch.export import Dim


class GroupBy4(nn.Module):
    def forward(self, x):
        return x.view(-1, 4).mean(1)  #~ constraint-violation [torch>2.6] `x.view(-1, 4)`  #~ constraint-violation (non-strict) [torch<=2.6] `x.view(-1, 4)`


model = GroupBy4()
example_args = (torch.randn(8),)
dynamic_shapes = {"x": {0: Dim("n", min=4, max=64)}}
