"""The keyword arguments are a list of pairs."""

import torch
from torch import nn


class Scale(nn.Module):
    def forward(self, x, scale):
        return x * scale


model = Scale()
example_args = (torch.randn(3),)
example_kwargs = [("scale", torch.ones(3))]  #~ invalid-input `[("scale", torch.ones(3))]`
