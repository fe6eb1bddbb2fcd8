"""A layer in an object that is no module, and one in a global variable."""

import torch
from torch import nn

SHARED = nn.Linear(4, 4)


class Codec:
    def __init__(self):
        self.encode = nn.Linear(4, 2)


class Compressed(nn.Module):
    def __init__(self):
        super().__init__()
        self.codec = Codec()  #~ unregistered-state (strict) [torch<2.14] `Codec()`: subclass of `nn.Module`

    def forward(self, x):
        return self.codec.encode(SHARED(x))  #~ unregistered-state (strict) [torch<2.14] `SHARED(x)`: does not register


model = Compressed
example_args = (torch.randn(2, 4),)
