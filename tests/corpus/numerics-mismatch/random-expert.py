"""Picks an expert with random.choice."""

import random

import torch
from torch import nn

class Experts(nn.Module):
    def __init__(self):
        super().__init__()
        self.experts = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])

    def forward(self, x):
        expert = random.choice(self.experts)  #~ numerics-mismatch (non-strict) `random.choice(self.experts)` #~ graph-break (strict) `random.choice(self.experts)`
        return expert(x)


model = Experts
example_args = (torch.randn(2, 4),)
