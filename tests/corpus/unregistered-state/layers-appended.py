"""Layers are appended to a plain list in a submodule."""

import torch
from torch import nn


class Stack(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers: list[nn.Module] = []  #~ unregistered-state (strict) [torch<2.14] `[]`: a plain list
        for size_in, size_out in zip(sizes, sizes[1:]):
            self.layers.append(nn.Linear(size_in, size_out))

    def forward(self, x):
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return x


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = Stack((4, 8, 2))

    def forward(self, observation):
        return self.body(observation).softmax(-1)


model = Policy
example_args = (torch.randn(3, 4),)
