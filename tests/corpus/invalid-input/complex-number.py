"""A Python complex number is an input."""

import torch
from torch import nn


class Rotate(nn.Module):
    def forward(self, x, phase):
        return x * phase


model = Rotate()
example_args = (torch.randn(3, dtype=torch.complex64), 1 + 2j)  #~ invalid-input `1 + 2j`: complex
