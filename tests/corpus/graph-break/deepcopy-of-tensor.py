"""Deep-copies its input."""

import copy

import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        y = copy.deepcopy(x)  #~ graph-break (strict) `copy.deepcopy(x)` #~ unsupported-operator (non-strict) [torch>2.6] `copy.deepcopy(x)`
        return y.add_(1)


model = Net()
example_args = (torch.randn(2, 4),)
