"""An input is a quantised tensor, which cannot be faked."""

import torch
from torch import nn


class Dequantise(nn.Module):
    def forward(self, x):
        return x.dequantize() * 2


model = Dequantise()
example_args = (torch.quantize_per_tensor(torch.randn(3), 0.1, 0, torch.qint8),)  #~ invalid-input `torch.quantize_per_tensor(torch.randn(3), 0.1, 0, torch.qint8)`
