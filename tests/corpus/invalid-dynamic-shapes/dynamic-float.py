"""A float is asked to be dynamic."""

import torch
from torch import nn
from torch.export import Dim


class Scale(nn.Module):
    def forward(self, x, factor):
        return x * factor


model = Scale()
example_args = (torch.randn(3), 0.5)
dynamic_shapes = {"x": None, "factor": Dim.DYNAMIC}  #~ invalid-dynamic-shapes `Dim.DYNAMIC`: factor
