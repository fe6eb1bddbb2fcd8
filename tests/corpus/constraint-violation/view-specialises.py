"""The batch is declared dynamic, and view() writes it out as 4."""

import torch
from torch import nn
from torch.export import Dim


class Net(nn.Module):
    def forward(self, x):
        return x.view(4, 8)  #~ constraint-violation `x.view(4, 8)`


model = Net()
example_args = (torch.randn(4, 2, 4),)
dynamic_shapes = {"x": {0: Dim("batch")}}
