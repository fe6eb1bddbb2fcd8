"""Leaves the clean-up of its result to whoever does not export it."""

import torch
from torch import nn


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(8, 6)

    def forward(self, x):
        boxes = self.head(x)
        if torch.compiler.is_exporting():
            return boxes
        return boxes.clamp(0, 1)


model = Detector
example_args = (torch.randn(2, 8),)
