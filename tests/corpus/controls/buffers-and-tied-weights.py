"""Tied weights, a buffer under two names, one that is not saved, and a counter."""

import torch
from torch import nn


class TiedModel(nn.Module):
    def __init__(self, vocabulary=10, width=4):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.head = nn.Linear(width, vocabulary, bias=False)
        self.head.weight = self.embed.weight
        self.register_buffer("mask", torch.ones(vocabulary))
        self.register_buffer("alias", self.mask, persistent=False)
        self.register_buffer("calls", torch.zeros((), dtype=torch.long), persistent=False)

    def forward(self, ids):
        self.calls.add_(1)
        return self.head(self.embed(ids)) * self.mask + self.alias * self.calls


model = TiedModel
example_args = (torch.tensor([1, 2, 3]),)
