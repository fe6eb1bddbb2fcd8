"""A conversion that fails at one operator."""

import torch
from torch import nn


class Scale(nn.Module):
    def forward(self, x):
        low, high = torch.aminmax(x)  #~ backend-unsupported `torch.aminmax(x)`: The conversion to ONNX fails
        return (x - low) / (high - low)


model = Scale()
example_args = (torch.randn(4, 5),)
