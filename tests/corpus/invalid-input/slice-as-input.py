"""A slice is an input, inside a dict."""

import torch
from torch import nn


class Crop(nn.Module):
    def forward(self, x, options):
        return x[options["window"]]


model = Crop()
example_args = (torch.randn(8),)
example_kwargs = {"options": {"window": slice(2, 6)}}  #~ invalid-input `slice(2, 6)`: slice
