"""A transformer that exports, with the hints that an editor shows in it."""

from __future__ import annotations

TRANSFORMER = """\
import torch
from torch import nn
from torch.export import Dim


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = self.qkv(self.norm(x)).chunk(3, dim=-1)
        q = q.reshape(batch, length, self.heads, -1).transpose(1, 2)
        k = k.reshape(batch, length, self.heads, -1).transpose(1, 2)
        v = v.reshape(batch, length, self.heads, -1).transpose(1, 2)
        scores = q @ k.transpose(-2, -1)
        mixed = torch.softmax(scores, dim=-1) @ v
        joined = mixed.transpose(1, 2).reshape(batch, length, width)
        return x + self.out(joined)


class Encoder(nn.Module):
    def __init__(self, words=100, width=64, heads=4, layers=3):
        super().__init__()
        self.embed = nn.Embedding(words, width)
        self.blocks = nn.ModuleList([Block(width, heads) for _ in range(layers)])

    def forward(self, ids):
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x)
        return x.mean(dim=1)


model = Encoder
example_args = (torch.randint(100, (2, 12)),)
dynamic_shapes = {"ids": {0: Dim("batch"), 1: Dim("seq", max=512)}}
"""
HINTS = [
    ": f32[batch, seq, 64] ×3",
    ": f32[batch, seq, 64] ×3",
    ": f32[batch, seq, 64] ×3",
    ": f32[batch, seq, 64] ×3",
    ": f32[batch, 4, seq, 16] ×3",
    ": f32[batch, 4, seq, 16] ×3",
    ": f32[batch, 4, seq, 16] ×3",
    ": f32[batch, 4, seq, seq] ×3",
    ": f32[batch, 4, seq, 16] ×3",
    ": f32[batch, seq, 64] ×3",
    ": i64[batch, seq]",
    ": f32[batch, seq, 64]",
]
