"""Makes parameters, resizes buffers and copies its settings while it runs."""

import copy

import torch
from torch import nn


class Scratch(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("scratch", torch.zeros(4))

    def forward(self, x):
        self.scratch.resize_(8)  #~ graph-break (strict) `self.scratch.resize_(8)` #~ decomposition-error (non-strict) `self.scratch.resize_(8)`
        return x + 1


class Adapter(nn.Module):
    def forward(self, x, options):
        scale = nn.Parameter(torch.ones(4))  #~ graph-break (strict) `nn.Parameter(torch.ones(4))`
        bias = torch.tensor([0.5], requires_grad=True)  #~ graph-break (strict) `torch.tensor([0.5], requires_grad=True)`
        return x * scale * options["gain"] + bias


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.options = {"gain": 2.0}
        self.scratch = Scratch()
        self.adapter = Adapter()

    def forward(self, x):
        options = copy.copy(self.options)  #~ graph-break (strict) `copy.copy(self.options)`
        return self.adapter(self.scratch(x), options)


model = Net
example_args = (torch.randn(2, 4),)
