"""Three methods that compilation is told to skip, one called in a loop, one in a generator."""

import torch
from torch import nn


class Observer(nn.Module):
    @torch.compiler.disable(reason="keeps its own statistics")
    def observe(self, x):
        return x.clamp(-1.0, 1.0)

    def forward(self, x):
        return self.observe(x).round()  #~ graph-break (strict) `self.observe(x)`


@torch._dynamo.disable
def positions(length):
    return torch.arange(length)


class Quantised(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.observers = nn.ModuleList(Observer() for _ in range(3))
        self.embed = nn.Embedding(16, width)

    @torch.compiler.disable
    def halves(self, x):
        return x[:, :2], x[:, 2:]

    def forward(self, x):
        x = x + self.embed(positions(x.shape[0]))  #~ graph-break (strict) `positions(x.shape[0])`
        for observer in self.observers:
            x = observer(x)
        return sum(half.sum() for half in self.halves(x))  #~ graph-break (strict) `self.halves(x)`


model = Quantised
example_args = (torch.randn(3, 4),)
