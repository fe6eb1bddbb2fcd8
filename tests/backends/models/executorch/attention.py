"""Causal attention with a dynamic length."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.export import Dim


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(8, 24)

    def forward(self, x):
        q, k, v = (each.unflatten(-1, (2, 4)).transpose(1, 2) for each in self.qkv(x).chunk(3, -1))
        return F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)


model = Attention()
example_args = (torch.randn(2, 6, 8),)
dynamic_shapes = {"x": {1: Dim("length", min=2, max=32)}}
