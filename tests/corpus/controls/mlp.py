"""A plain multi-layer perceptron with a dynamic batch."""

import torch
from torch import nn
from torch.export import Dim


class MLP(nn.Module):
    def __init__(self, sizes=(16, 32, 32, 4)):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])
        )

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return self.layers[-1](x)


model = MLP
example_args = (torch.randn(3, 16),)
dynamic_shapes = {"x": {0: Dim("batch")}}
