"""int() of a tensor decides how many steps to take."""

import torch
from torch import nn


class Roller(nn.Module):
    def forward(self, x, steps):
        k = int(steps.max())  #~ data-dependent-guard (non-strict) `int(steps.max())`
        for _ in range(k):  #~ data-dependent-guard (strict) `range(k)`
            x = x.roll(1, 0)
        return x


model = Roller
example_args = (torch.randn(4), torch.tensor([1, 3]))
