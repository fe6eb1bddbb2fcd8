"""Takes the larger half of a dynamic dimension."""

import math

import torch
from torch import nn
from torch.export import Dim


class Half(nn.Module):
    def forward(self, x):
        return x[: math.ceil(x.shape[0] / 2)]  #~ constraint-violation `x[: math.ceil(x.shape[0] / 2)]`


model = Half()
example_args = (torch.randn(4, 4),)
dynamic_shapes = {"x": {0: Dim("rows", max=99)}}
