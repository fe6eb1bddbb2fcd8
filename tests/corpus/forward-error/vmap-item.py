"""Reads a value with .item() inside vmap."""

import torch
from torch import nn


class PerSample(nn.Module):
    def forward(self, x):
        def scale(row):
            return row * row.sum().item()  #~ forward-error `row.sum().item()`

        return torch.vmap(scale)(x)


model = PerSample()
example_args = (torch.randn(3, 4),)
