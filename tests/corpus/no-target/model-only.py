"""Defines models and says nothing about their inputs."""

import torch
from torch import nn


class Stem(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        return self.conv(x).relu()


class Detector(nn.Module):  #~ no-target `Detector`
    def __init__(self):
        super().__init__()
        self.stem = Stem()
        self.head = nn.Conv2d(8, 5, 1)

    def forward(self, image: torch.Tensor):
        return self.head(self.stem(image))
