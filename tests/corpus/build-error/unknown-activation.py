"""The constructor looks up an activation in a dict that lacks it, in a comprehension."""

import torch
from torch import nn

ACTIVATIONS = {"relu": nn.ReLU, "gelu": nn.GELU}


class Net(nn.Module):
    def __init__(self, names=("relu", "swish")):
        super().__init__()
        layers = [ACTIVATIONS[name]() for name in names]  #~ build-error `ACTIVATIONS[name]`: swish
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)


model = Net
example_args = (torch.randn(2, 8),)
