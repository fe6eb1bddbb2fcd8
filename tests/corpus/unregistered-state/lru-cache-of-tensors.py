"""functools.lru_cache keeps a tensor that was made while tracing."""

import functools

import torch
from torch import nn

@functools.lru_cache(maxsize=None)  #~ unregistered-state (non-strict) `functools.lru_cache(maxsize=None)`: has no values
def window(size):
    return torch.hann_window(size)


class Frames(nn.Module):
    def forward(self, wave):
        return wave * window(8)


model = Frames()
example_args = (torch.randn(2, 8),)
