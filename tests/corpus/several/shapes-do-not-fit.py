"""A product of wrong sizes ends the forward in eager, between a guard and a graph break."""

import gc

import torch
from torch import nn


class Encode(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 6)

    def forward(self, x):
        if x.abs().max() > 100:  #~ data-dependent-branch `x.abs().max() > 100`
            x = x / 100
        return self.fc(x)


class Decode(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(5, 8)

    def forward(self, h):
        y = self.fc(h)  #~ forward-error `self.fc(h)`
        gc.collect()
        return y


class AutoEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = Encode()
        self.decode = Decode()

    def forward(self, x):
        return self.decode(self.encode(x))


model = AutoEncoder
example_args = (torch.randn(2, 8),)
