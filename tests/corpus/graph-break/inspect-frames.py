"""Looks at its caller's frame for a name."""

import sys

import torch
from torch import nn


class Named(nn.Module):
    def forward(self, x):
        name = sys._getframe().f_code.co_name  #~ graph-break (strict) `sys._getframe()`
        return {name: x + 1}


model = Named()
example_args = (torch.randn(2, 8),)
