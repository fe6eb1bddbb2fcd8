"""Residual blocks are kept in a plain list, so that the model does not register them."""

import torch
from torch import nn


class Residual(nn.Module):
    def __init__(self, width=4, depth=2):
        super().__init__()
        self.stem = nn.Linear(3, width)
        self.blocks = [nn.Linear(width, width) for _ in range(depth)]  #~ unregistered-state (strict) [torch<2.14] `[nn.Linear(width, width) for _ in range(depth)]`: Use `nn.ModuleList`

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = x + torch.relu(block(x))
        return x


model = Residual
example_args = (torch.randn(2, 3),)
