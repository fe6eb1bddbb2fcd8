"""A torch.cond whose branches differ, which eager refuses too, between one that is right and guards."""

import torch
from torch import nn


class Route(nn.Module):
    def forward(self, x):
        def large(x):
            return x / 2

        def small(x):
            return x + 1, x - 1

        out = torch.cond(x.sum() > 9, large, small, (x,))  #~ graph-break [torch>2.6] `torch.cond(x.sum() > 9, large, small, (x,))` #~ graph-break (non-strict) [torch<=2.6] `torch.cond(x.sum() > 9, large, small, (x,))`
        return out[0] if isinstance(out, tuple) else out


class Gate(nn.Module):
    def forward(self, x):
        return torch.cond(x.mean() > 0, torch.sin, torch.cos, (x,))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.route = Route()
        self.gate = Gate()

    def forward(self, x, count):
        if x.min() < -9:  #~ data-dependent-branch `x.min() < -9`
            x = x.clamp(min=-9)
        y = self.route(self.gate(x))
        pieces = y.chunk(count.item(), -1)  #~ data-dependent-guard [torch<2.14] `y.chunk(count.item(), -1)` #~ data-dependent-guard (non-strict) [torch>=2.14] `y.chunk(count.item(), -1)`
        return pieces[0]


model = Net
example_args = (torch.randn(2, 4), torch.tensor(2))
