"""Keeps the attention of the last call on the module, for somebody to look at."""

import torch
from torch import nn

class Attention(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.query = nn.Linear(width, width)
        self.last_weights = None

    def forward(self, x):
        weights = (self.query(x) @ x.transpose(-1, -2)).softmax(-1)
        self.last_weights = weights  #~ unregistered-state `self.last_weights`: Tensor kept for later calls
        return weights @ x


model = Attention
example_args = (torch.randn(2, 5, 8),)
