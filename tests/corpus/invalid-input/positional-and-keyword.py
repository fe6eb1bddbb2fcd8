"""A positional argument is given a second time by keyword."""

import torch
from torch import nn


class Blend(nn.Module):
    def forward(self, x, weight):
        return x * weight


export_targets = {
    "blend": {
        "model": Blend(),
        "args": (torch.randn(3), torch.ones(3)),
        "kwargs": {"weight": torch.zeros(3)},  #~ invalid-input `"weight"`: weight
    }
}
