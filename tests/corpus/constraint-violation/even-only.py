"""Pads only when the length is odd."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.export import Dim


class Pairs(nn.Module):
    def forward(self, x):
        if x.shape[1] % 2 == 1:  #~ constraint-violation `x.shape[1] % 2 == 1`
            x = F.pad(x, (0, 1))
        return x


model = Pairs()
example_args = (torch.randn(2, 6),)
dynamic_shapes = {"x": {1: Dim("length", max=64)}}
