"""Guards on data while tracing, and dimensions that turn out fixed after it."""

import torch
from torch import nn
from torch.export import Dim


class Select(nn.Module):
    def forward(self, tokens, keep):
        chosen = tokens[keep]
        if chosen.shape[0] == 0:  #~ data-dependent-guard `chosen.shape[0] == 0`
            return tokens.mean(0)
        return chosen.mean(0)


class Heads(nn.Module):
    def __init__(self, count=4):
        super().__init__()
        self.count = count

    def forward(self, x):
        return x.view(self.count, 2, -1).amax(-1)  #~ constraint-violation `x.view(self.count, 2, -1)`


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.select = Select()
        self.heads = Heads()

    def forward(self, tokens, keep, query, level):
        x = self.select(tokens, keep)
        if level.mean() > 3:  #~ data-dependent-branch `level.mean() > 3`
            x = x / 2
        if query.shape[0] < 17:  #~ constraint-violation `query.shape[0] < 17`
            x = x + query.mean()
        return x, self.heads(level)


model = Reader
example_args = (
    torch.randn(6, 4),
    torch.tensor([True, False, True, True, False, True]),
    torch.randn(16),
    torch.rand(24),
)
dynamic_shapes = {
    "tokens": None,
    "keep": None,
    "query": {0: Dim("query", min=2, max=32)},
    "level": {0: Dim("level", min=2, max=64)},
}
