"""Functions of math on a dynamic size in a submodule and in a helper."""

import math

import torch
from torch import nn
from torch.export import Dim


def bend(n):
    return math.tanh(n / 8)  #~ verifier-violation (strict) `math.tanh(n / 8)`


class Encoding(nn.Module):
    def forward(self, x):
        return x * math.cos(x.shape[0])  #~ verifier-violation (strict) `math.cos(x.shape[0])` #~ constraint-violation (non-strict) `math.cos(x.shape[0])`


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoding = Encoding()

    def forward(self, x):
        return self.encoding(x) + bend(x.shape[0])


model = Network()
example_args = (torch.randn(8),)
dynamic_shapes = {"x": {0: Dim("samples", min=2, max=64)}}
