"""A recurrent layer, unrolled."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(4, 3, batch_first=True)

    def forward(self, x):
        return self.gru(x)[0]


model = Net()
example_args = (torch.randn(2, 3, 4),)
