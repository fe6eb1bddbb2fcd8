"""Assigns the buffer of a submodule for the time of the call and puts the old one back."""

import torch
from torch import nn

class Masked(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mask", torch.ones(4))

    def forward(self, x):
        return x * self.mask


class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.masked = Masked()

    def forward(self, x, mask):
        own = self.masked.mask
        self.masked.mask = mask
        y = self.masked(x)
        self.masked.mask = own
        return y + self.masked(x)


export_targets = {
    "both": {
        "model": Both,
        "args": (torch.randn(2, 4), torch.zeros(4)),
        "modes": ("non-strict",),
    }
}
