"""Returns a generator instead of a list."""

import torch
from torch import nn


class Rows(nn.Module):
    def forward(self, x):
        return (row * 2 for row in x.unbind(0))  #~ unsupported-output (non-strict) `(row * 2 for row in x.unbind(0))` #~ graph-break (strict) [torch<2.14] `(row * 2 for row in x.unbind(0))` #~ graph-break (strict) [torch>=2.14] `x.unbind(0)`


model = Rows()
example_args = (torch.randn(3, 4),)
