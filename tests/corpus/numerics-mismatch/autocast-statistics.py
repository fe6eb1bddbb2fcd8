"""Normalises features of a mixed-precision encoder by statistics in float32."""

import torch
from torch import nn


class Whitened(nn.Module):
    def __init__(self, channels=6):
        super().__init__()
        self.encoder = nn.Conv1d(3, channels, 3, padding=1)
        self.register_buffer("floor", torch.tensor(1e-3))

    def forward(self, signal):
        with torch.autocast("cpu", torch.bfloat16):
            features = self.encoder(signal)
        centred = features.to(torch.float32) - 1  #~ numerics-mismatch (strict) `features.to(torch.float32)`: torch.autocast
        return centred / centred.std(-1, keepdim=True).clamp(min=self.floor)


model = Whitened
example_args = (torch.randn(2, 3, 12),)
