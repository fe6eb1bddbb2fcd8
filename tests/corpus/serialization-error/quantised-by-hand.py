"""Quantises activations with a quantized dtype, which the file format does not have."""

import torch
from torch import nn


class FakeQuantised(nn.Module):
    def forward(self, x):
        coarse = torch.quantize_per_tensor(x, 0.1, 0, torch.qint8)  #~ serialization-error `torch.quantize_per_tensor(x, 0.1, 0, torch.qint8)`
        return coarse.dequantize() * 2


model = FakeQuantised()
example_args = (torch.randn(4),)
