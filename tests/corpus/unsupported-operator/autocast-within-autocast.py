"""Autocast is switched off within autocast, and the graph of strict mode loses the change."""

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
            with torch.autocast(device_type="cpu", enabled=False):
                weights = torch.softmax(scores.float(), -1)
            # Dynamo sees bfloat16 and writes it down; tracing its graph again, value is float32.
            #~v unsupported-operator (strict) [torch>2.6] `weights.to(value.dtype) @ value`: expected scalar type
            mixed = (weights.to(value.dtype) @ value).transpose(1, 2)
            return self.out(mixed.reshape(batch, length, dim)).float()


model = Attention
example_args = (torch.randn(2, 5, 8),)
dynamic_shapes = {"x": {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim("length", max=512)}}
