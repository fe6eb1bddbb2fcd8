"""A module is an input beside the tensor."""

import torch
from torch import nn


class Apply(nn.Module):
    def forward(self, x, activation):
        return activation(x)


model = Apply()
example_args = (torch.randn(3), nn.ReLU())  #~ invalid-input (strict) `nn.ReLU()`: ReLU
