"""Asks for the exact type of a tensor, which is another one while non-strict export traces."""

import torch
from torch import nn


def scaled(x):
    if type(x) is torch.Tensor:
        return x * 4
    return x * 2  #~ numerics-mismatch (non-strict) `x * 2`: eager mode does not reach it


class Scale(nn.Module):
    def forward(self, x):
        return scaled(x.abs()) - 1


model = Scale()
example_args = (torch.randn(3),)
