"""A real Fourier transform over a dynamic length."""

import torch
from torch import nn
from torch.export import Dim


class Spectrum(nn.Module):
    def forward(self, wave):
        return torch.fft.rfft(wave).abs().log1p()  #~ unsupported-operator [torch<=2.6] `torch.fft.rfft(wave)`


model = Spectrum()
example_args = (torch.randn(2, 64),)
dynamic_shapes = {"wave": {1: Dim("samples", min=16, max=4096)}}
