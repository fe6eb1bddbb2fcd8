"""Numbers from data with everything stated that later lines need."""

import torch
from torch import nn


class Window(nn.Module):
    def forward(self, x, start, length):
        first, n = start.item(), length.item()
        torch._check(first >= 0)
        torch._check(n >= 1)
        torch._check(first + n <= x.shape[0])
        rows = x.narrow(0, first, n)
        if rows.shape[0] == 0:
            return x.mean(0)
        return rows.mean(0)


model = Window()
example_args = (torch.randn(9, 4), torch.tensor(2), torch.tensor(5))
