"""Shuffles the order of its blocks."""

import random

import torch
from torch import nn

class Shuffled(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([nn.Linear(4, 4) for _ in range(4)])

    def forward(self, x):
        order = [0, 1, 2, 3]
        random.shuffle(order)  #~ numerics-mismatch (non-strict) `random.shuffle(order)` #~ graph-break (strict) [torch<2.14] `random.shuffle(order)`
        for index in order:
            x = self.blocks[index](x)  #~ numerics-mismatch (strict) [torch>=2.14] `self.blocks[index](x)`
        return x


model = Shuffled
example_args = (torch.randn(2, 4),)
