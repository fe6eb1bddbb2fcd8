"""A transformer block whose feed-forward part is a mixture of experts."""

import torch
from torch import nn


class Experts(nn.Module):
    """Sends each token to the expert that the router scores highest."""

    def __init__(self, width: int, experts: int):
        super().__init__()
        self.router = nn.Linear(width, experts)
        self.experts = nn.ModuleList(nn.Linear(width, width) for _ in range(experts))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        choice = self.router(tokens).argmax(-1)
        out = torch.zeros_like(tokens)
        for index, expert in enumerate(self.experts):
            picked = tokens[choice == index]
            if picked.shape[0] == 0:
                continue
            out[choice == index] = expert(picked)
        return out


class Block(nn.Module):
    def __init__(self, width: int = 32, heads: int = 4, experts: int = 3):
        super().__init__()
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.norm = nn.LayerNorm(width)
        self.experts = Experts(width, experts)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attention(x, x, x, need_weights=False)[0]
        return x + self.experts(self.norm(x).flatten(0, 1)).view_as(x)


model = Block
example_args = (torch.randn(2, 16, 32),)
