"""Dim.AUTO on every dimension, and all of them can vary."""

import torch
from torch import nn
from torch.export import Dim

class Gram(nn.Module):
    def forward(self, x, y):
        scale = x.shape[1] ** 0.5
        return x @ y.transpose(0, 1) / scale, x + y


model = Gram()
example_args = (torch.randn(3, 4), torch.randn(3, 4))
dynamic_shapes = {"x": (Dim.AUTO, Dim.AUTO), "y": (Dim.AUTO, Dim.AUTO)}
