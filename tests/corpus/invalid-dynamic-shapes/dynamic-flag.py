"""A bool is asked to be dynamic."""

import torch
from torch import nn
from torch.export import Dim


class Scale(nn.Module):
    def forward(self, x, double):
        return x * 2 if double else x


model = Scale()
example_args = (torch.randn(3), True)
dynamic_shapes = {"x": None, "double": Dim.DYNAMIC}  #~ invalid-dynamic-shapes `Dim.DYNAMIC`: double
