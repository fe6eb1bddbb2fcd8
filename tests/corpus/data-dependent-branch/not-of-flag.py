"""`not` of a flag tensor, in a method wrapped by a decorator."""

import functools

import torch
from torch import nn


def logged(method):
    @functools.wraps(method)
    def wrapped(*args):
        return method(*args)

    return wrapped


class Switch(nn.Module):
    @logged
    def choose(self, x, enabled):
        if not enabled:  #~ data-dependent-branch `not enabled`
            return torch.zeros_like(x)
        return x

    def forward(self, x, enabled):
        return self.choose(x, enabled) + 1


model = Switch()
example_args = (torch.randn(3), torch.tensor(True))
