"""Memoises numbers, on the module and in a global, and reads old tensors from a dict."""

import functools

import torch
from torch import nn

SCALES = {}
CONSTANTS = {"mean": torch.tensor([0.5]), "std": torch.tensor([0.2])}


@functools.lru_cache(maxsize=None)
def width_of(heads):
    return heads * 2


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.widths = {}

    def forward(self, x):
        heads = x.shape[-1] // 2
        if heads not in self.widths:
            self.widths[heads] = width_of(heads)
        SCALES["last"] = 0.5
        x = (x - CONSTANTS["mean"]) / CONSTANTS["std"]
        return x.reshape(-1, self.widths[heads]) * SCALES["last"]


model = Scaled
example_args = (torch.randn(2, 4),)
