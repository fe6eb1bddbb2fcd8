"""The condition is continued by a backslash, so no comment can follow it."""

import torch
from torch import nn


class Window(nn.Module):
    def forward(self, x, low, high):
        #~v data-dependent-branch `x.mean() > low \ …`
        if x.mean() > low \
                + 0.1:
            x = x - high
        return x


model = Window()
example_args = (torch.randn(4), torch.tensor(-5.0), torch.tensor(1.0))
