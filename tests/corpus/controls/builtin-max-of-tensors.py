"""Python's max() on two tensors is captured as a maximum."""

import torch
from torch import nn


class Margin(nn.Module):
    def forward(self, a, b):
        worst = max(a.mean(), b.mean())  #~ data-dependent-branch (non-strict) [torch<=2.6] `max(a.mean(), b.mean())`
        return a - worst, b - worst


model = Margin
example_args = (torch.randn(4), torch.randn(4))
