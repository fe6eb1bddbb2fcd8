"""Imports a class that torch.nn does not have (it is called MultiheadAttention)."""

import torch
from torch import nn
from torch.nn import MultiHeadAttention  #~ load-error `from torch.nn import MultiHeadAttention`: MultiHeadAttention


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn = MultiHeadAttention(16, 4)

    def forward(self, x):
        return self.attn(x, x, x)[0]


model = Encoder
example_args = (torch.randn(5, 2, 16),)
