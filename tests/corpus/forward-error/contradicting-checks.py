"""Two checks on one number that cannot both hold."""

import torch
from torch import nn


class Bounded(nn.Module):
    def forward(self, x, count):
        n = count.item()
        torch._check(n >= 2)
        torch._check(n <= 1)  #~ forward-error `torch._check(n <= 1)`
        return x * n


model = Bounded()
example_args = (torch.randn(3, 4), torch.tensor(3))
