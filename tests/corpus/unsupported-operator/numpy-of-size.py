"""Takes the square root of a dynamic size with NumPy."""

import numpy as np
import torch
from torch import nn
from torch.export import Dim


class Scaled(nn.Module):
    def forward(self, x):
        scale = np.sqrt(x.shape[0])  #~ unsupported-operator (non-strict) `np.sqrt(x.shape[0])` #~ constraint-violation (strict) `np.sqrt(x.shape[0])`
        return x / scale


model = Scaled()
example_args = (torch.randn(4, 4),)
dynamic_shapes = {"x": {0: Dim("rows", max=99)}}
