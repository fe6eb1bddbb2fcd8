"""Looks up a user's history of unknown length, in nested modules, a property and a lambda."""

import torch
from torch import nn


class History(nn.Module):
    def __init__(self, items, width):
        super().__init__()
        self.bag = nn.EmbeddingBag(items, width)

    def forward(self, items, offsets):
        sizes = offsets.diff()
        if (sizes < 0).any():  #~ data-dependent-branch `(sizes < 0).any()`
            raise ValueError("offsets have to grow")
        return self.bag(items, offsets[:-1])


class Ranker(nn.Module):
    def __init__(self, items=30, width=6):
        super().__init__()
        self.history = nn.ModuleDict({"views": History(items, width), "buys": History(items, width)})
        self.out = nn.Linear(width, 1)
        self.register_buffer("trained_steps", torch.tensor(200))

    @property
    def warm(self):
        return self.trained_steps > 100

    def forward(self, views, view_offsets, buys, buy_offsets, top):
        taste = self.history["views"](views, view_offsets)
        if self.warm:  #~ data-dependent-branch `self.warm`
            taste = taste + self.history["buys"](buys, buy_offsets)
        ranks = self.out(taste)[:, 0].argsort()
        take = lambda n: ranks[:n] if n <= ranks.shape[0] else ranks  #~ data-dependent-guard `n <= ranks.shape[0]`
        return take(top.item())


model = Ranker
example_args = (
    torch.randint(0, 30, (7,)),
    torch.tensor([0, 3, 5, 7]),
    torch.randint(0, 30, (4,)),
    torch.tensor([0, 1, 2, 4]),
    torch.tensor(2),
)
