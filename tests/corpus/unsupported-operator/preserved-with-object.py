"""A submodule whose call signature is to be kept is called with an object of the user's own."""

import torch
from torch import nn


class Options:
    def __init__(self, scale):
        self.scale = scale


class Scaled(nn.Module):
    def forward(self, x, options):
        return x * options.scale


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scaled = Scaled()

    def forward(self, x):
        return self.scaled(x, Options(2.0))  #~ unsupported-operator (non-strict) `self.scaled(x, Options(2.0))`: preserve_module_call_signature #~ graph-break (strict) `self.scaled(x, Options(2.0))`


export_targets = {
    "preserved": {
        "model": Net,
        "args": (torch.randn(2, 4),),
        "preserve_module_call_signature": ("scaled",),
    },
}
