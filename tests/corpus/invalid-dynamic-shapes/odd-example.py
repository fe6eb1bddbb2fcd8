"""The example is odd where the spec says twice a dimension."""

import torch
from torch import nn
from torch.export import Dim


class Pairs(nn.Module):
    def forward(self, x):
        return x.view(-1, 2).sum(1)


half = Dim("half", max=64)
model = Pairs()
example_args = (torch.randn(5),)
dynamic_shapes = {"x": {0: 2 * half}}  #~ invalid-dynamic-shapes `2 * half`: 5
