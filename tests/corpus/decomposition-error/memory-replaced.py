"""Lets a buffer share the memory of what was computed instead of copying into it."""

import torch
from torch import nn


class LastHidden(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("hidden", torch.zeros(2, 4))

    def forward(self, x):
        y = torch.tanh(x)
        self.hidden.set_(y)  #~ decomposition-error (non-strict) `self.hidden.set_(y)`: the buffer `hidden` #~ graph-break (strict) `self.hidden.set_(y)`
        return y + 1


model = LastHidden
example_args = (torch.randn(2, 4),)
