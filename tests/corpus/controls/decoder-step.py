"""One decoding step: rotary positions from a table, a key-value cache in buffers, a causal mask."""

import torch
from torch import nn
from torch.nn import functional as F


def rotate(x, cos, sin):
    first, second = x.chunk(2, -1)
    return torch.cat((first * cos - second * sin, first * sin + second * cos), -1)


class DecoderStep(nn.Module):
    def __init__(self, dim=8, heads=2, limit=16):
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        frequencies = 10000 ** -(torch.arange(0, dim // heads, 2) / (dim // heads))
        angles = torch.outer(torch.arange(limit), frequencies)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        self.register_buffer("mask", torch.ones(limit, limit, dtype=torch.bool).tril())
        for name in ("keys", "values"):
            self.register_buffer(name, torch.zeros(1, heads, limit, dim // heads))

    def forward(self, x, position):
        qkv = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        query, key, value = qkv.unbind(0)
        cos, sin = self.cos[position], self.sin[position]
        self.keys.index_copy_(2, position, rotate(key, cos, sin))
        self.values[:, :, position] = value
        mixed = F.scaled_dot_product_attention(
            rotate(query, cos, sin), self.keys, self.values, attn_mask=self.mask[position]
        )
        return self.out(mixed.transpose(1, 2).flatten(2))


model = DecoderStep
example_args = (torch.randn(1, 1, 8), torch.tensor([3]))
