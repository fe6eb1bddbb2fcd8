"""Rounds to eight bits with a scale from the data, without leaving tensors."""

import torch
from torch import nn


class Quantiser(nn.Module):
    def __init__(self, bits=8):
        super().__init__()
        self.levels = 2 ** (bits - 1) - 1

    def forward(self, x):
        scale = x.detach().abs().amax().clamp(min=1e-8) / self.levels
        packed = torch.clamp((x / scale).round(), -self.levels, self.levels).to(torch.int8)
        return x + (packed.to(x.dtype) * scale - x).detach()


model = Quantiser()
example_args = (torch.randn(2, 8),)
