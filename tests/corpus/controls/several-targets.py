"""Two configurations of one model, declared in a function."""

import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(8, width), nn.GELU(), nn.Linear(width, classes))

    def forward(self, x):
        return self.net(x)


def export_targets():
    batch = torch.export.Dim("batch", max=256)
    inputs = (torch.randn(4, 8),)
    shapes = {"x": {0: batch}}
    return {
        "small": {"model": lambda: Classifier(16, 2), "args": inputs, "dynamic_shapes": shapes},
        "large": {"model": lambda: Classifier(64, 10), "args": inputs, "dynamic_shapes": shapes},
    }
