"""Breaks left from debugging: in a block that runs three times, in a helper and in a branch."""

import torch
import torch._dynamo
from torch import nn


def residual(x, update):
    torch._dynamo.graph_break()  #~ graph-break (strict) `torch._dynamo.graph_break()`
    return x + update


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, width)

    def forward(self, x):
        h = self.norm(x)
        torch._dynamo.graph_break()  #~ graph-break (strict) `torch._dynamo.graph_break()`
        return residual(x, self.up(h))


class Stack(nn.Module):
    def __init__(self, width=4, depth=3, debug=True):
        super().__init__()
        self.debug = debug
        self.blocks = nn.ModuleList(Block(width) for _ in range(depth))

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        if self.debug:
            torch._dynamo.graph_break()  #~ graph-break (strict) `torch._dynamo.graph_break()`
        return x.mean(1)


model = Stack
example_args = (torch.randn(2, 4),)
