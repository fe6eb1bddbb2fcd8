"""Graph breaks and data-dependent guards in turn, so that each hides the next."""

import time

import torch
from torch import nn


class Clock(nn.Module):
    def forward(self, x):
        self.last(time.monotonic())  #~ graph-break (strict) `time.monotonic()`
        return x

    def last(self, now):
        return now


class Decode(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.out = nn.Linear(width, 6)

    def forward(self, state, budget):
        steps = budget.item()
        scores = []
        for i in range(steps):  #~ data-dependent-guard `range(steps)`
            scores.append(self.out(state + i))
        best = torch.stack(scores).amax(0)
        if best.isinf().any():  #~ data-dependent-branch `best.isinf().any()`
            raise ValueError("the scores overflow")
        return best


class Streaming(nn.Module):
    def __init__(self):
        super().__init__()
        self.clock = Clock()
        self.decode = Decode()

    def forward(self, chunk, valid, budget):
        chunk = self.clock(chunk)
        if valid.sum() == 0:  #~ data-dependent-branch `valid.sum() == 0`
            return torch.zeros(6)
        torch._dynamo.graph_break()  #~ graph-break (strict) `torch._dynamo.graph_break()`
        return self.decode(chunk[valid].mean(0), budget)


model = Streaming
example_args = (torch.randn(5, 4), torch.tensor([True, False, True, True, False]), torch.tensor(2))
