"""Gradients for each sample by vmap over grad."""

import torch
from torch import nn


class PerSample(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("weight", torch.randn(4))

    def forward(self, x):
        def loss(weight, row):
            return (weight * row).sum().square()

        gradient = torch.func.grad(loss)
        return torch.vmap(gradient, in_dims=(None, 0))(self.weight, x)  #~ unsupported-operator `torch.vmap(gradient, in_dims=(None, 0))(self.weight, x)`


model = PerSample
example_args = (torch.randn(3, 4),)
