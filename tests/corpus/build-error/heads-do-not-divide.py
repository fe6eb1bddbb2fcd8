"""The constructor rejects a width that the number of heads does not divide."""

import torch
from torch import nn


class SelfAttention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        if dim % heads:
            raise ValueError(f"dim {dim} is not divisible by heads {heads}")  #~ build-error `raise ValueError(f"dim {dim} is not divisible by heads {heads}")`: dim 30
        self.qkv = nn.Linear(dim, 3 * dim)

    def forward(self, x):
        return self.qkv(x)


export_targets = {
    "attention": {
        "model": lambda: SelfAttention(30, 8),
        "args": (torch.randn(2, 5, 30),),
    },
}
