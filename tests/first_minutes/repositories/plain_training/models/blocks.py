"""The building blocks of the models."""

import torch
from torch import nn
from torch.nn import functional as F


class ConvBlock(nn.Module):
    """A convolution with normalization and an optional shortcut."""

    def __init__(self, channels_in, channels_out, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out, 3, stride=stride, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels_out)
        self.shortcut = channels_in == channels_out and stride == 1

    def forward(self, x):
        y = F.relu(self.norm(self.conv(x)))
        return x + y if self.shortcut else y


class Gate(nn.Module):
    """Weighs channels by what they contain."""

    def __init__(self, channels):
        super().__init__()
        self.score = nn.Linear(channels, channels)

    def forward(self, x):
        weight = torch.sigmoid(self.score(x.mean(dim=(2, 3))))
        if weight.max() < 0.1:
            return x
        return x * weight[:, :, None, None]
