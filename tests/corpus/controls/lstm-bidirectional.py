"""A bidirectional LSTM with its state given and returned."""

import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(8, 8, num_layers=2, bidirectional=True)

    def forward(self, x, state):
        y, (h, c) = self.rnn(x, state)
        return y, h, c


model = Encoder
example_args = (torch.randn(5, 2, 8), (torch.zeros(4, 2, 8), torch.zeros(4, 2, 8)))
