"""Copies a ParameterDict into a dict, which Dynamo takes for a sequence of pairs."""

import torch
from torch import nn


class Gains(nn.Module):
    def __init__(self):
        super().__init__()
        self.gains = nn.ParameterDict({"low": torch.ones(3), "high": torch.full((3,), 2.0)})

    def forward(self, x, boost):
        gains = dict(self.gains)  #~ graph-break (strict) `dict(self.gains)`: `dict(self.gains.items())`
        gains["high"] = gains["high"] + boost
        return x * gains["low"] + x.relu() * gains["high"]


model = Gains()
example_args = (torch.randn(2, 3), torch.ones(3))
