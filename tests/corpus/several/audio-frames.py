"""Trims silence from a wave, splits it into as many frames as a tensor says, and checks the result."""

import torch
from torch import nn


class Trim(nn.Module):
    def forward(self, wave, threshold):
        loud = (wave.abs() > threshold).nonzero()[:, 0]
        first, last = loud[0].item(), loud[-1].item()
        if first > last:  #~ data-dependent-guard `first > last`: first > last
            return wave
        return wave[first : last + 1]


class Frames(nn.Module):
    def __init__(self):
        super().__init__()
        self.trim = Trim()

    def forward(self, wave, threshold, count):
        n = count.item()
        rows = wave.chunk(n)  #~ data-dependent-guard `wave.chunk(n)`
        energy = torch.stack([row.square().mean() for row in rows])
        if torch.isnan(energy).any():  #~ data-dependent-branch `torch.isnan(energy).any()`
            raise ValueError("the wave is not finite")
        trimmed = self.trim(wave, threshold)
        level = max(energy.mean(), energy.amax() / 2)
        gain = 1.0 / level.item()
        if gain > 1e3:  #~ data-dependent-guard `gain > 1e3`
            gain = 1e3
        return trimmed * gain


model = Frames()
example_args = (torch.sin(torch.arange(16.0)), torch.tensor(0.2), torch.tensor(4))
