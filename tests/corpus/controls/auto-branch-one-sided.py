"""A comparison narrows the range of a Dim.AUTO dimension without fixing it."""

import torch
from torch import nn
from torch.export import Dim

class Crop(nn.Module):
    def forward(self, x):
        if x.shape[0] > 5:
            return x[:5]
        return x


model = Crop()
example_args = (torch.randn(8, 2),)
dynamic_shapes = {"x": {0: Dim.AUTO(min=2, max=64)}}
