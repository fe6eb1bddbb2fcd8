"""Settings in a frozen dataclass, read in forward."""

from dataclasses import dataclass, replace

import torch
from torch import nn


@dataclass(frozen=True)
class Config:
    width: int = 8
    heads: int = 2
    dropout: float = 0.0
    causal: bool = True


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.qkv = nn.Linear(config.width, 3 * config.width)

    def forward(self, x):
        config = self.config
        q, k, v = self.qkv(x).unflatten(-1, (3, config.heads, -1)).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT * (config.width // config.heads) ** -0.5
        if config.causal:
            scores = scores.masked_fill(torch.ones_like(scores).triu(1).bool(), float("-inf"))
        return (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)


model = Attention(replace(Config(), causal=True))
example_args = (torch.randn(2, 5, 8),)
