"""Targets whose parts are made late, one of them for non-strict mode only."""

import functools

import torch
from torch import nn
from torch.export import Dim


class Upsampler(nn.Module):
    def __init__(self, factor, activation):
        super().__init__()
        self.conv = nn.Conv2d(3, 3 * factor**2, 3, padding=1)
        self.shuffle = nn.PixelShuffle(factor)
        self.activation = activation

    def forward(self, image, *, clamp=True):
        out = self.shuffle(self.activation(self.conv(image)))
        return out.clamp(0, 1) if clamp else out


def small_image():
    return (torch.rand(1, 3, 8, 8),)


export_targets = {
    "double": {
        "model": functools.partial(Upsampler, 2, torch.sigmoid),
        "args": small_image,
        "kwargs": lambda: {"clamp": False},
    },
    "quadruple": {
        "model": lambda: Upsampler(4, activation=lambda x: x * 0.5 + 0.5),
        "args": small_image,
        "dynamic_shapes": lambda: {"image": {2: Dim("height", min=4), 3: Dim("width", min=4)}},
        "modes": ["non-strict"],
    },
}
