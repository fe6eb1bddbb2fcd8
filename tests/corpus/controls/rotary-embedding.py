"""Rotary position embedding with frequencies in a non-persistent buffer."""

import torch
from torch import nn
from torch.export import Dim


class Rotary(nn.Module):
    def __init__(self, dim=8, base=10000.0):
        super().__init__()
        inverse = 1.0 / base ** (torch.arange(0, dim, 2).float() / dim)
        self.register_buffer("inverse", inverse, persistent=False)

    def forward(self, x):
        positions = torch.arange(x.shape[1], device=x.device, dtype=self.inverse.dtype)
        angles = torch.outer(positions, self.inverse)
        angles = torch.cat([angles, angles], -1)
        first, second = x.chunk(2, -1)
        return x * angles.cos() + torch.cat([-second, first], -1) * angles.sin()


model = Rotary
example_args = (torch.randn(2, 6, 8),)
dynamic_shapes = {"x": {1: Dim("length", max=2048)}}
