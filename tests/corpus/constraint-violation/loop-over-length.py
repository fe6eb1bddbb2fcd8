"""Loops over the steps of a sequence whose length is declared dynamic."""

import torch
from torch import nn
from torch.export import Dim


class Recurrence(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(4, 4)

    def forward(self, x):
        h = torch.zeros(x.shape[1], 4)
        for t in range(x.shape[0]):  #~ constraint-violation `range(x.shape[0])`
            h = self.cell(x[t], h)
        return h


model = Recurrence
example_args = (torch.randn(6, 2, 4),)
dynamic_shapes = {"x": {0: Dim("steps", min=2, max=64)}}
