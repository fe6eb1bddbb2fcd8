"""A key-value cache written by a tensor position, without a Python number in between."""

import torch
from torch import nn


class Cached(nn.Module):
    def __init__(self, length=8, width=4):
        super().__init__()
        self.register_buffer("keys", torch.zeros(length, width), persistent=False)
        self.register_buffer("used", torch.zeros(length, dtype=torch.bool), persistent=False)

    def forward(self, key, position):
        self.keys.index_copy_(0, position, key)
        self.used.index_fill_(0, position, True)
        scores = (key @ self.keys.T).masked_fill(~self.used, -1e9)
        return scores.softmax(-1) @ self.keys


model = Cached
example_args = (torch.randn(1, 4), torch.tensor([2]))
