"""Attributes that every call writes before it reads them hold no state."""

import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.skip = None

    def forward(self, x):
        self.skip = torch.relu(x)
        self.size = x.shape[-2:]
        return self.down(x)


class Decoder(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder
        self.up = nn.ConvTranspose2d(4, 3, 2, stride=2)

    def forward(self, x):
        latent = self.encoder(x)
        height, width = self.encoder.size
        return self.up(latent)[..., :height, :width] + self.encoder.skip


model = Decoder(Encoder())
example_args = (torch.randn(1, 3, 8, 8),)
