"""A branch of torch.cond returns a view of its input."""

import torch
from torch import nn


class Cond(nn.Module):
    def forward(self, x):
        return torch.cond(x.sum() > 0, lambda x: x + 1, lambda x: x[:1], (x,))  #~ graph-break `x[:1]`: copy


model = Cond()
example_args = (torch.randn(3, 4),)
