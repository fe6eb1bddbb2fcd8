"""The arguments are given in a list where a tuple is needed."""

import torch
from torch import nn


class Add(nn.Module):
    def forward(self, x, y):
        return x + y


export_targets = {
    "add": {
        "model": Add(),
        "args": [torch.randn(3), torch.randn(3)],  #~ invalid-input `[torch.randn(3), torch.randn(3)]`: tuple
    }
}
