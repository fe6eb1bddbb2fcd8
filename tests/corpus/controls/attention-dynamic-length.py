"""Causal self-attention over a dynamic sequence length."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.export import Dim


class SelfAttention(nn.Module):
    def __init__(self, dim=16, heads=4):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x):
        b, s, d = x.shape
        qkv = self.qkv(x).view(b, s, 3, self.heads, d // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(y.transpose(1, 2).reshape(b, s, d))


model = SelfAttention
example_args = (torch.randn(2, 6, 16),)
dynamic_shapes = {"x": {0: Dim("batch", max=32), 1: Dim("length", max=1024)}}
