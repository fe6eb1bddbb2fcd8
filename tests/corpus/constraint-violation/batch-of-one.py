"""The example's batch is 1 and is declared dynamic."""

import torch
from torch import nn
from torch.export import Dim


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        return self.fc(x)


model = Net
example_args = (torch.randn(1, 8),)  #~ constraint-violation [torch>2.6] `torch.randn(1, 8)`
dynamic_shapes = {"x": {0: Dim.DYNAMIC}}
