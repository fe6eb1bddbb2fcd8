"""Operators that decompose into many: LSTM, interpolation, attention, spectra, norms."""

import torch
from torch import nn


class Mixture(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 8, batch_first=True)
        self.norm = nn.GroupNorm(2, 8)

    def forward(self, x):
        steps, _ = self.gru(x)
        image = nn.functional.interpolate(steps.unsqueeze(1), scale_factor=2.0, mode="bilinear")
        power = torch.fft.rfft(steps, dim=1).abs()
        attended = nn.functional.scaled_dot_product_attention(steps, steps, steps, is_causal=True)
        return image.mean(), power, self.norm(attended.mT), torch.cdist(x, x)


model = Mixture
example_args = (torch.randn(2, 6, 8),)
