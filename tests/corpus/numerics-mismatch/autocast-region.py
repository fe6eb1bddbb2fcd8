"""Attention runs under autocast, whose results strict mode takes for float32."""

import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, dim=8, heads=2):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x):
        batch, length, dim = x.shape
        with torch.autocast(device_type="cpu", dtype=torch.bfloat16):
            qkv = self.qkv(x).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            query, key, value = qkv.unbind(0)
            scores = query @ key.transpose(-1, -2)
            weights = torch.softmax(scores, -1, dtype=torch.float32)
            mixed = (weights @ value).transpose(1, 2)
        return self.out(mixed.reshape(batch, length, dim).to(x.dtype))  #~ numerics-mismatch (strict) `mixed.reshape(batch, length, dim).to(x.dtype)`: autocast


model = Attention
example_args = (torch.randn(2, 5, 8),)
dynamic_shapes = {"x": {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim("length", max=512)}}
