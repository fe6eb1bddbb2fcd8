"""Skips the masking when the mask is all ones, in a submodule's helper method."""

import torch
from torch import nn


class Attention(nn.Module):
    def expand(self, mask):
        if torch.all(mask == 1):  #~ data-dependent-branch `torch.all(mask == 1)`: mask
            return None
        return (1.0 - mask[:, None, :]) * -1e9

    def forward(self, x, mask):
        scores = x @ x.transpose(1, 2)
        bias = self.expand(mask)
        if bias is not None:
            scores = scores + bias
        return scores.softmax(-1) @ x


class Encoder(nn.Module):
    def __init__(self, depth=2):
        super().__init__()
        self.layers = nn.ModuleList(Attention() for _ in range(depth))

    def forward(self, x, mask):
        for layer in self.layers:
            x = layer(x, mask)
        return x


export_targets = {
    "encoder": {
        "model": Encoder,
        "args": lambda: (torch.randn(2, 4, 8), torch.ones(2, 4)),
    }
}
