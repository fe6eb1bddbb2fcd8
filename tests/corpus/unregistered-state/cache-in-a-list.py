"""A cache of plain tensors in a list, written to at a slot."""

import torch
from torch import nn


class Layered(nn.Module):
    def __init__(self):
        super().__init__()
        self.cache = [torch.zeros(4, 8), torch.zeros(4, 8)]

    def forward(self, x):
        self.cache[0][1:] = x[1:]  #~ unregistered-state `self.cache[0][1:]`
        return x + self.cache[0]


model = Layered()
example_args = (torch.randn(4, 8),)
