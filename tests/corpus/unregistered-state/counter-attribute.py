"""Counts in a tensor that is a plain attribute; export takes it for a constant."""

import torch
from torch import nn


class Counter(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = torch.zeros(())

    def forward(self, x):
        self.steps.add_(1)  #~ unregistered-state `self.steps.add_(1)`: Register it in the constructor
        return x / self.steps


model = Counter()
example_args = (torch.randn(3),)
