"""Linear layers, all of which XNNPACK takes."""

import torch
from torch import nn
from torch.export import Dim


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2), nn.Softmax(-1))

    def forward(self, x):
        return self.layers(x)


model = Net()
example_args = (torch.randn(4, 8),)
dynamic_shapes = {"x": {0: Dim("batch", max=32)}}
