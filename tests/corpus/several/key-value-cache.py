"""A cache that is cut, tested and written at positions that are tensors."""

import torch
from torch import nn


class KeyCache(nn.Module):
    def __init__(self, length=16, width=4):
        super().__init__()
        self.register_buffer("keys", torch.zeros(length, width))

    def forward(self, key, position):
        self.keys[position : position + 1] = key  #~ data-dependent-guard (non-strict) `self.keys[position : position + 1]`
        return self.keys.clone()


class Attention(nn.Module):
    def __init__(self, width=4, window=8):
        super().__init__()
        self.window = window
        self.query = nn.Linear(width, width)
        self.cache = KeyCache(width=width)

    def forward(self, x, position):
        keys = self.cache(x, position)
        seen = position.item()
        if seen >= self.window:  #~ data-dependent-guard (strict) `seen >= self.window`: seen
            keys = keys[-self.window :]
        scores = self.query(x) @ keys.T
        while scores.amax() > 100:  #~ data-dependent-branch `scores.amax() > 100`
            scores = scores / 2
        return scores.softmax(-1) @ keys


model = Attention
example_args = (torch.randn(1, 4), torch.tensor(2))
