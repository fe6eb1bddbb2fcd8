"""A branch on data, with torch.cond."""

import torch
from torch import nn


class Gate(nn.Module):
    def forward(self, x):
        return torch.cond(x.sum() > 0, lambda x: x * 2, lambda x: x - 1, (x,))


model = Gate()
example_args = (torch.randn(3, 3),)
