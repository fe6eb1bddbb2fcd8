"""Sentences of different lengths as values and offsets, and padded with a mask."""

import torch
from torch import nn


class SentenceMean(nn.Module):
    def __init__(self):
        super().__init__()
        self.project = nn.Linear(6, 3)

    def forward(self, words, offsets, padded, mask):
        owner = torch.bucketize(torch.arange(words.shape[0]), offsets[1:], right=True)
        sums = torch.zeros(offsets.shape[0] - 1, 6).index_add(0, owner, words)
        means = sums / offsets.diff().unsqueeze(1)
        weights = mask.unsqueeze(-1)
        return self.project(means), self.project((padded * weights).sum(1) / weights.sum(1))


model = SentenceMean()
example_args = (
    torch.randn(8, 6),
    torch.tensor([0, 3, 8]),
    torch.randn(2, 5, 6),
    torch.tensor([[1.0, 1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0, 1.0]]),
)
