"""Gradient checkpointing in every call: strict mode cannot take it into the program."""

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint


class Trunk(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList(nn.Linear(6, 6) for _ in range(2))

    def forward(self, x):
        for block in self.blocks:
            x = checkpoint(block, x, use_reentrant=False)  #~ unsupported-operator (strict) `checkpoint(block, x, use_reentrant=False)`: gradient checkpointing
        return x


model = Trunk()
example_args = (torch.randn(2, 6),)
