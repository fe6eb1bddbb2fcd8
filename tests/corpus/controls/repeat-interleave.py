"""Repeats rows as often as the data says."""

import torch
from torch import nn


class LengthRegulator(nn.Module):
    def forward(self, phonemes, durations):
        return torch.repeat_interleave(phonemes, durations, dim=0) * 0.5


model = LengthRegulator()
example_args = (torch.randn(3, 8), torch.tensor([1, 3, 2]))
