"""Uses Python's mirrors: the stack, the source, a directory of itself and code in a string."""

import inspect

import torch
from torch import nn


def caller():
    return inspect.stack()[1].function  #~ graph-break (strict) `inspect.stack()`


class Mirror(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer_one = nn.Linear(4, 4)
        self.layer_two = nn.Linear(4, 4)

    def forward(self, x):
        layers = [name for name in dir(self) if name.startswith("layer_")]  #~ graph-break (strict) `dir(self)`
        for name in layers:
            x = getattr(self, name)(x)
        scope = globals()["SCALE"]  #~ graph-break (strict) `globals()`
        exec("pass")  #~ graph-break (strict) `exec("pass")`
        return {caller(): x * scope}


SCALE = 0.5
model = Mirror
example_args = (torch.randn(2, 4),)
