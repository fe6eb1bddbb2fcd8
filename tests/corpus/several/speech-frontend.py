"""A graph break, a guard on data and a dimension that is not free, one for each stage."""

import os

import torch
from torch import nn
from torch.export import Dim


class Window(nn.Module):
    def __init__(self, size=8):
        super().__init__()
        self.register_buffer("taper", torch.hann_window(size))

    def forward(self, frames):
        return frames * self.taper  #~ constraint-violation `frames * self.taper`


class Frontend(nn.Module):
    def __init__(self):
        super().__init__()
        self.window = Window()
        self.debug = os.path.isdir("/nonexistent")

    def forward(self, frames, gain):
        if os.path.isdir("/nonexistent/dump"):  #~ graph-break (strict) `os.path.isdir("/nonexistent/dump")`
            frames = frames * 0
        spectrum = torch.fft.rfft(self.window(frames)).abs()
        g = gain.item()
        spectrum = spectrum * g if g < 2 else spectrum  #~ data-dependent-guard `g < 2`
        return spectrum.clamp(min=1e-5).log()


model = Frontend
example_args = (torch.randn(3, 8), torch.tensor(1.5))
dynamic_shapes = {"frames": {0: Dim("frames"), 1: Dim("samples", min=4, max=64)}, "gain": None}
