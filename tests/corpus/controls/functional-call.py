"""Runs a submodule with other weights through functional_call."""

import torch
from torch import nn
from torch.func import functional_call


class FastWeights(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(4, 4)

    def forward(self, x):
        faster = {name: value * 0.9 for name, value in self.inner.named_parameters()}
        return functional_call(self.inner, faster, (x,))


model = FastWeights
example_args = (torch.randn(2, 4),)
