"""Unpacks three values from a pair, in a submodule's loop."""

import torch
from torch import nn


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(4, 4)

    def forward(self, x):
        for _ in range(2):
            x, hidden, cell = self.rnn(x)  #~ forward-error `x, hidden, cell`
        return x


model = Decoder
example_args = (torch.randn(3, 1, 4),)
