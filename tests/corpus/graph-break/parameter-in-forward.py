"""Makes a parameter inside forward."""

import torch
from torch import nn


class Scaled(nn.Module):
    def forward(self, x):
        scale = nn.Parameter(torch.ones(4))  #~ graph-break (strict) `nn.Parameter(torch.ones(4))`
        return x * scale


model = Scaled()
example_args = (torch.randn(2, 4),)
