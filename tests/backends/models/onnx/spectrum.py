"""A spectrum: complex numbers inside of the model."""

import torch
from torch import nn


class Spectrum(nn.Module):
    def forward(self, signal):
        return torch.fft.rfft(signal * torch.hann_window(16)).abs().square()


model = Spectrum()
example_args = (torch.randn(2, 16),)
