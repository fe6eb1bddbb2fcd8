"""Two branches on data, one after the other."""

import torch
from torch import nn


class TwoGates(nn.Module):
    def forward(self, x, y):
        if x.sum() > 0:  #~ data-dependent-branch `x.sum() > 0`
            x = x * 2
        if y.sum() > 0:  #~ data-dependent-branch `y.sum() > 0`
            y = y * 2
        return x + y


model = TwoGates()
example_args = (torch.ones(4), torch.ones(4))
