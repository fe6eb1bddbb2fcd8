"""Turns its input round in place before a projection."""

import torch
from torch import nn


class ChannelsFirst(nn.Module):
    def __init__(self):
        super().__init__()
        self.project = nn.Linear(6, 3)

    def forward(self, frames):
        frames.transpose_(0, 1)  #~ decomposition-error (non-strict) `frames.transpose_(0, 1)`: the input `frames` itself #~ graph-break (strict) `frames.transpose_(0, 1)`
        return self.project(frames)


model = ChannelsFirst()
example_args = (torch.randn(6, 4),)
