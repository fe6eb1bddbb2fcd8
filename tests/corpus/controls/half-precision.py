"""A bfloat16 model with its normalisation kept in float32, and an output cast back to half."""

import torch
from torch import nn


class RMSNorm(nn.Module):
    def __init__(self, dim, eps=1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x):
        h = x.float()
        h = h * torch.rsqrt(h.pow(2).mean(-1, keepdim=True) + self.eps)
        return (h * self.weight).to(x.dtype)


class GatedBlock(nn.Module):
    def __init__(self, dim=8):
        super().__init__()
        self.norm = RMSNorm(dim)
        self.gate = nn.Linear(dim, 2 * dim, bias=False, dtype=torch.bfloat16)
        self.down = nn.Linear(2 * dim, dim, bias=False).to(torch.bfloat16)

    def forward(self, x):
        h = self.gate(self.norm(x))
        limit = torch.finfo(h.dtype).max
        return (x + self.down(nn.functional.silu(h).clamp(-limit, limit))).half()


model = GatedBlock
example_args = (torch.randn(2, 4, 8, dtype=torch.bfloat16),)
