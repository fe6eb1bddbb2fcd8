"""One of the additional examples lacks an input."""

import torch
from torch import nn
from torch.export import AdditionalInputs


class Score(nn.Module):
    def forward(self, x, y):
        return x.mean() + y


def more():
    inputs = AdditionalInputs()
    inputs.add((torch.randn(5, 4),))
    return inputs


export_targets = {
    "score": {
        "model": Score,
        "args": (torch.randn(3, 4), torch.randn(4)),
        "dynamic_shapes": more(),  #~ invalid-dynamic-shapes `more()`: y
    }
}
