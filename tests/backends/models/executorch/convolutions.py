"""Convolutions with batch norm in evaluation mode."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.export import Dim


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.pool = nn.AdaptiveAvgPool2d(1)

    def forward(self, image):
        return self.pool(F.silu(self.norm(self.conv(image)))).flatten(1)


model = Block().eval()
example_args = (torch.randn(2, 3, 12, 12),)
dynamic_shapes = {"image": {0: Dim("batch", max=8)}}
