"""Integer inputs that are left to export, and stay symbolic."""

import torch
from torch import nn
from torch.export import Dim

class Window(nn.Module):
    def forward(self, x, start, *, factor):
        return x[start:] * factor


model = Window()
example_args = (torch.randn(8, 2), 3)
example_kwargs = {"factor": 1}
dynamic_shapes = {"x": {0: Dim.AUTO}, "start": Dim.DYNAMIC, "factor": Dim.AUTO}
