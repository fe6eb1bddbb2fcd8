"""Calls a function that is excluded from compilation by a decorator."""

import torch
from torch import nn


@torch.compiler.disable
def rescale(x):
    return x / x.abs().amax()


class Net(nn.Module):
    def forward(self, x):
        y = x.relu()
        return rescale(y) + y  #~ graph-break (strict) `rescale(y)`


model = Net()
example_args = (torch.randn(2, 8),)
