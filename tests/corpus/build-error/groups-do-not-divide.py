"""A submodule of a submodule builds a convolution whose groups do not divide its channels."""

import torch
from torch import nn


class DepthwiseBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.depthwise = nn.Conv2d(
            channels, channels, kernel_size=3, padding=1, groups=channels
        )
        self.pointwise = nn.Conv2d(channels, channels * 2, 1, groups=3)  #~ build-error `nn.Conv2d(channels, channels * 2, 1, groups=3)`: groups

    def forward(self, x):
        return self.pointwise(self.depthwise(x))


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.stages = nn.Sequential(*[DepthwiseBlock(c) for c in (12, 16)])

    def forward(self, x):
        return self.stages(x)


model = Backbone
example_args = (torch.randn(1, 12, 8, 8),)
