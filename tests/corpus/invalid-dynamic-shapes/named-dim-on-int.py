"""A named Dim is given for an argument that is a Python int."""

import torch
from torch import nn
from torch.export import Dim


class Crop(nn.Module):
    def forward(self, x, size):
        return x[:, :size]


model = Crop()
example_args = (torch.randn(4, 8), 5)
dynamic_shapes = {"x": None, "size": Dim("size", max=8)}  #~ invalid-dynamic-shapes `Dim("size", max=8)`
