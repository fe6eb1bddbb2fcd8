"""A running maximum is not in core ATen."""

import torch
from torch import nn


class Drawdown(nn.Module):
    def forward(self, prices):
        peaks = prices.cummax(-1).values  #~ backend-unsupported `prices.cummax(-1)`: `aten::cummax`
        return (peaks - prices) / peaks


model = Drawdown()
example_args = (torch.rand(4, 30) + 1,)
