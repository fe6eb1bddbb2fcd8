"""An audio front end with a window, a dynamic number of samples in whole hops, and a log."""

import torch
from torch import nn
from torch.export import Dim


class Frontend(nn.Module):
    def __init__(self, size=8, hop=4):
        super().__init__()
        self.size, self.hop = size, hop
        self.register_buffer("window", torch.hann_window(size), persistent=False)

    def forward(self, wave):
        frames = wave.unfold(-1, self.size, self.hop) * self.window
        return torch.fft.rfft(frames).abs().clamp(min=1e-5).log()


hops = Dim("hops", min=3, max=400)
model = Frontend
example_args = (torch.randn(2, 24),)
dynamic_shapes = {"wave": {0: Dim("batch", max=16), 1: 4 * hops}}
