"""Gets one tensor as two inputs and changes neither."""

import torch
from torch import nn


class Score(nn.Module):
    def forward(self, query, key):
        return (query + 1.0) @ key.mT


tokens = torch.randn(4, 8)
model = Score()
example_args = (tokens, tokens)
