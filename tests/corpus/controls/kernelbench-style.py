"""The Model / get_inputs / get_init_inputs convention."""

import torch
import torch.nn as nn


class Model(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)

    def forward(self, x):
        x = self.conv(x)
        return torch.tanh(x - 0.5) * 2.0


batch_size = 4
in_channels = 3


def get_inputs():
    return [torch.rand(batch_size, in_channels, 16, 16)]


def get_init_inputs():
    return [in_channels, 8, 3]
