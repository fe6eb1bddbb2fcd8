"""Slices by a rounded fraction of a dynamic size."""

import torch
from torch import nn
from torch.export import Dim


class KeepFraction(nn.Module):
    def forward(self, x):
        return x[: round(x.shape[0] * 0.75)]  #~ constraint-violation `x[: round(x.shape[0] * 0.75)]`


model = KeepFraction()
example_args = (torch.randn(8, 4),)
dynamic_shapes = {"x": {0: Dim("rows", min=4, max=64)}}
