"""The second layer expects 32 features and gets 16, in eager too."""

import torch
from torch import nn


class FeedForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.Linear(8, 16)
        self.down = nn.Linear(32, 8)

    def forward(self, x):
        hidden = torch.relu(self.up(x))
        return self.down(hidden)  #~ forward-error `self.down(hidden)`


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ff = FeedForward()

    def forward(self, x):
        return x + self.ff(x)


model = Block
example_args = (torch.randn(2, 8),)
