"""A search that draws its settings from the system and its steps from tensors."""

import os

import torch
from torch import nn


class Beams(nn.Module):
    def __init__(self, width=3):
        super().__init__()
        self.width = width

    def forward(self, scores):
        best, index = scores.flatten().topk(self.width)
        alive = index[best > -50]
        if alive.numel() < self.width:  #~ data-dependent-guard `alive.numel() < self.width`
            return index
        return index.flip(0)


class Search(nn.Module):
    def __init__(self, width=4, vocabulary=7):
        super().__init__()
        self.head = nn.Linear(width, vocabulary)
        self.beams = Beams()

    def penalty(self, lengths):
        longest = lengths.max().item()
        return [0.9**i for i in range(longest)]  #~ data-dependent-guard `range(longest)`

    def forward(self, hidden, lengths):
        seed = os.getpid()  #~ graph-break (strict) `os.getpid()`
        scores = self.head(hidden).log_softmax(-1)
        if seed >= 0:
            scores = scores * sum(self.penalty(lengths))
        order = sorted(scores, key=lambda row: row.max())  #~ data-dependent-branch (non-strict) `sorted(scores, key=lambda row: row.max())` #~ graph-break (strict) `sorted(scores, key=lambda row: row.max())`
        return self.beams(torch.stack(order))


model = Search
example_args = (torch.randn(2, 4), torch.tensor([3, 1]))
