"""Formats a dynamic size with a width."""

import torch
from torch import nn
from torch.export import Dim


class Named(nn.Module):
    def forward(self, x):
        name = f"rows {x.shape[0]:03d}"  #~ unsupported-operator (non-strict) `f"rows {x.shape[0]:03d}"` #~ graph-break (strict) `f"rows {x.shape[0]:03d}"`
        return x * len(name)


model = Named()
example_args = (torch.randn(3, 4),)
dynamic_shapes = {"x": {0: Dim("rows", max=99)}}
