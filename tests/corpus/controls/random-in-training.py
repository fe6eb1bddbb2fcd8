"""Drops layers at random while it is trained, and is exported for evaluation."""

import random

import torch
from torch import nn

class Stack(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])

    def forward(self, x):
        for layer in self.layers:
            if self.training and random.random() < 0.5:
                continue
            x = layer(x)
        return x


def trained():
    return Stack().eval()


model = trained
example_args = (torch.randn(2, 4),)
