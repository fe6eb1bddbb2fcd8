"""Sets a buffer to None in forward, after its last use."""

import torch
from torch import nn


class OneShot(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("prompt", torch.ones(4))

    def forward(self, x):
        y = x + self.prompt
        self.prompt = None  #~ unregistered-state (non-strict) [torch>2.6] `self.prompt`: prompt  #~ unsupported-operator (non-strict) [torch<=2.6] `self.prompt`  #~ graph-break (strict) [torch<=2.6] `self.prompt`
        return y


model = OneShot
example_args = (torch.randn(2, 4),)
