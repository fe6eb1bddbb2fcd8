"""Complex numbers, with a dynamic batch."""

import torch
from torch import nn
from torch.export import Dim


class FourierMix(nn.Module):
    def __init__(self):
        super().__init__()
        self.filter = nn.Parameter(torch.randn(5, dtype=torch.complex64))

    def forward(self, x):
        spectrum = torch.view_as_real(torch.fft.rfft(x) * self.filter)
        return torch.fft.irfft(torch.view_as_complex(spectrum.contiguous()), n=8)


model = FourierMix
example_args = (torch.randn(3, 8),)
dynamic_shapes = {"x": {0: Dim("batch")}}
