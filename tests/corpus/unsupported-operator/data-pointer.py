"""Asks a tensor for the address of its data."""

import torch
from torch import nn


class AliasAware(nn.Module):
    def forward(self, x, y):
        if x.data_ptr() == y.data_ptr():  #~ unsupported-operator (non-strict) [torch>2.6] `x.data_ptr()` #~ unsupported-operator (non-strict) [torch>2.6] `y.data_ptr()` #~ graph-break (strict) `x.data_ptr() == y.data_ptr()`
            y = y.clone()
        return x.add(y)


model = AliasAware()
example_args = (torch.randn(4), torch.randn(4))
