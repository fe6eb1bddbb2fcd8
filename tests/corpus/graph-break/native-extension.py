"""Calls into a C extension module of the standard library."""

import zlib

import torch
from torch import nn


class Hashed(nn.Module):
    def __init__(self, name="layer"):
        super().__init__()
        self.name = name

    def forward(self, x):
        slot = zlib.crc32(self.name.encode()) % 8  #~ graph-break (strict) `zlib.crc32(self.name.encode())`
        return x[:, slot]


model = Hashed
example_args = (torch.randn(2, 8),)
