"""`forward` puts one buffer in the place of another, which the verifier refuses."""

import torch
from torch import nn


class Ramp(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("window", torch.ones(8))
        self.register_buffer("taper", torch.linspace(0, 1, 8))

    def forward(self, frames):
        self.window = self.taper  #~ unregistered-state (non-strict) `self.window`: Another buffer
        return frames * self.window


model = Ramp()
example_args = (torch.randn(3, 8),)
