"""Returns a dataclass that was not registered."""

from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Detection:
    boxes: torch.Tensor
    scores: torch.Tensor


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.box = nn.Linear(8, 4)
        self.score = nn.Linear(8, 1)

    def forward(self, x):
        return Detection(self.box(x), self.score(x))  #~ unsupported-output `Detection(self.box(x), self.score(x))`: Detection


model = Detector
example_args = (torch.randn(2, 8),)
