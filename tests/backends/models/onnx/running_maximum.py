"""A running maximum has no conversion."""

import torch
from torch import nn
from torch.export import Dim


class Drawdown(nn.Module):
    def forward(self, prices):
        peaks = prices.cummax(-1).values  #~ backend-unsupported `prices.cummax(-1)`: `aten::cummax`
        return (peaks - prices) / peaks


model = Drawdown()
example_args = (torch.rand(4, 30) + 1,)
dynamic_shapes = {"prices": {0: Dim("assets", max=64)}}
