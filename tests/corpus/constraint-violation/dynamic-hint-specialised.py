"""Dim.DYNAMIC on a batch that a helper compares with a constant."""

import torch
from torch import nn
from torch.export import Dim


def check_batch(x):
    assert x.shape[0] == 4, "this head was trained with batches of four"  #~ constraint-violation `x.shape[0] == 4`
    return x


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        return self.fc(check_batch(x))


export_targets = {
    "head": {
        "model": Head,
        "args": (torch.randn(4, 8),),
        "dynamic_shapes": {"x": {0: Dim.DYNAMIC}},
    }
}
