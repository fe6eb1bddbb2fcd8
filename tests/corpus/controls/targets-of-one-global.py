"""A global holds tensors from import on; two targets read it one after the other."""

import torch
from torch import nn

STATS = {"mean": torch.zeros(4), "std": torch.ones(4)}


class Normalise(nn.Module):
    def forward(self, x):
        return (x - STATS["mean"]) / STATS["std"]


class Denormalise(nn.Module):
    def forward(self, x):
        return x * STATS["std"] + STATS["mean"]


export_targets = {
    "to": {"model": Normalise, "args": (torch.randn(2, 4),)},
    "back": {"model": Denormalise, "args": (torch.randn(2, 4),)},
}
