"""Appends the hidden states of every call to a list on the module."""

import torch
from torch import nn

class Probe(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
        self.hidden = []

    def forward(self, x):
        for layer in self.layers:
            x = layer(x).tanh()
            self.hidden.append(x)  #~ unregistered-state `self.hidden.append(x)`: hidden
        return x


model = Probe
example_args = (torch.randn(2, 4),)
