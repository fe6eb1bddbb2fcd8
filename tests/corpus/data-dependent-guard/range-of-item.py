"""A for loop over range() of an integer from the data."""

import torch
from torch import nn


class Unroll(nn.Module):
    def forward(self, x, steps):
        for i in range(steps.item()):  #~ data-dependent-guard `range(steps.item())`
            x = x * 0.5 + i
        return x


model = Unroll()
example_args = (torch.randn(4), torch.tensor(3))
