"""Skips layers at random, also outside of training."""

import random

import torch
from torch import nn

class Stack(nn.Module):
    def __init__(self, drop=0.4):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
        self.drop = drop

    def forward(self, x):
        for layer in self.layers:
            if random.random() < self.drop:  #~ numerics-mismatch (non-strict) `random.random()`: called once #~ graph-break (strict) `random.random()`
                continue
            x = layer(x).relu()
        return x


model = Stack
example_args = (torch.randn(2, 4),)
