"""A recurrent layer over 512 steps, which decomposes into twenty thousand operators."""

import torch
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(128, 256, num_layers=2, batch_first=True)
        self.fc = nn.Linear(256, 10)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.fc(out[:, -1])


def get_inputs():
    return [torch.rand(10, 512, 128)]


def get_init_inputs():
    return []
