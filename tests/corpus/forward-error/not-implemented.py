"""A base class leaves its pooling to subclasses, and the subclass forgot it."""

import torch
from torch import nn


class PooledEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Linear(8, 8)

    def pool(self, h):
        raise NotImplementedError("pooling is up to the subclass")  #~ forward-error [torch>2.6] `raise NotImplementedError("pooling is up to the subclass")`  #~ forward-error (non-strict) [torch<=2.6] `raise NotImplementedError("pooling is up to the subclass")`

    def forward(self, x):
        return self.pool(self.proj(x))  #~ graph-break (strict) [torch<=2.6] `self.pool(self.proj(x))`


class MaxEncoder(PooledEncoder):
    def max_pool(self, h):
        return h.amax(1)


model = MaxEncoder
example_args = (torch.randn(2, 5, 8),)
