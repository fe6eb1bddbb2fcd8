"""Linear layers with a bounded batch."""

import torch
from torch import nn
from torch.export import Dim


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.LayerNorm(16), nn.Linear(16, 2))

    def forward(self, x):
        return self.layers(x)


model = Net()
example_args = (torch.randn(4, 8),)
dynamic_shapes = {"x": {0: Dim("batch", max=32)}}
