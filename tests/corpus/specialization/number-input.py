"""int() of an integer input that was asked to be dynamic."""

import torch
from torch import nn
from torch.export import Dim

class Scale(nn.Module):
    def forward(self, x, factor):
        return x * int(factor)  #~ specialization (non-strict) `int(factor)`: `factor` is 3


model = Scale()
example_args = (torch.randn(8), 3)
dynamic_shapes = {"x": {0: Dim.AUTO}, "factor": Dim.AUTO}
