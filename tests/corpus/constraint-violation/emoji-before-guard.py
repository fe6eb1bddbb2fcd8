"""The guarding expression stands behind wide characters."""

import torch
from torch import nn
from torch.export import Dim


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(6))

    def forward(self, x):
        return {"和 🧮🧮": x.relu() + self.bias}  #~ constraint-violation `x.relu() + self.bias`


model = Net
example_args = (torch.randn(2, 6),)
dynamic_shapes = {"x": {1: Dim("width", min=2, max=64)}}
