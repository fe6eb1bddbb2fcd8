"""Batch norm in training mode updates its running statistics, which are buffers."""

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(4, 8, 3)
        self.norm = nn.BatchNorm1d(8)

    def forward(self, x):
        return self.norm(self.conv(x)).relu()


model = Block
example_args = (torch.randn(2, 4, 12),)
