"""Submodules whose call signatures are to be kept: one that is not there, and a bare string."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(4, 4)

    def forward(self, x):
        return self.encoder(x).relu()


export_targets = {
    "unknown": {
        "model": Net,
        "args": (torch.randn(2, 4),),
        "preserve_module_call_signature": ("decoder",),  #~ invalid-input `("decoder",)`: no submodule `decoder`
    },
    "string": {
        "model": Net,
        "args": (torch.randn(2, 4),),
        "preserve_module_call_signature": "encoder",  #~ invalid-input `"encoder"`: String in place of a tuple
    },
}
