"""A submodule keeps its call signature: keywords, a tuple of tensors and a number."""

import torch
from torch import nn


class Mix(nn.Module):
    def forward(self, pair, *, weight=0.5, bias=None):
        left, right = pair
        mixed = left * weight + right * (1 - weight)
        return mixed if bias is None else mixed + bias


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.mix = Mix()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        return self.mix((x, self.fc(x)), weight=0.25)


export_targets = {
    "preserved": {
        "model": Net,
        "args": (torch.randn(2, 4),),
        "preserve_module_call_signature": ("mix", "fc"),
    },
}
