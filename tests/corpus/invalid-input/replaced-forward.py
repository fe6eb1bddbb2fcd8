"""A wrapper around `forward` copies the signature of the wrong function."""

import functools

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, states, mask=None):
        out = self.fc(states)
        return out if mask is None else out * mask


def offloaded(module):
    original = module.forward

    def call(block, *args, **kwargs):
        return original(*args, **kwargs)

    module.forward = functools.update_wrapper(  #~ invalid-input `module.forward`: the original `forward`
        functools.partial(call, module), call
    )
    return module


model = offloaded(Block())
example_args = ()
example_kwargs = {"states": torch.randn(2, 4), "mask": torch.ones(2, 4)}
