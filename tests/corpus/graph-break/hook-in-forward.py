"""Registers a forward hook around one call."""

import torch
from torch import nn


class Watched(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        seen = []
        handle = self.fc.register_forward_hook(lambda module, args, out: seen.append(out.shape))  #~ graph-break (strict) `self.fc.register_forward_hook(lambda module, args, out: seen.append(out.shape))`
        y = self.fc(x)
        handle.remove()
        return y


model = Watched
example_args = (torch.randn(2, 4),)
