"""Looks up a dict by a dynamic size."""

import torch
from torch import nn
from torch.export import Dim

SCALES = {4: 0.5, 8: 0.25, 16: 0.125}


class Scaled(nn.Module):
    def forward(self, x):
        return x * SCALES[x.shape[1]]  #~ constraint-violation `SCALES[x.shape[1]]`


model = Scaled()
example_args = (torch.randn(2, 8),)
dynamic_shapes = {"x": {1: Dim("length", min=2, max=64)}}
