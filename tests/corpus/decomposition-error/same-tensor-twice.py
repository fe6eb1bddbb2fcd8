"""Adds to the query in place, and the example hands in one tensor as query and as key."""

import torch
from torch import nn


class Score(nn.Module):
    def forward(self, query, key):
        query.add_(1.0)  #~ decomposition-error `query.add_(1.0)`: one tensor for `query` and `key`
        return query @ key.mT


tokens = torch.randn(4, 8)
model = Score()
example_args = (tokens, tokens)
