"""A layer is mapped over the batch: strict mode first meets its weights inside `vmap`."""

import torch
from torch import nn


class Scorer(nn.Module):
    def __init__(self, features=6):
        super().__init__()
        self.score = nn.Linear(features, 1)

    def forward(self, candidates):
        return torch.vmap(self.score)(candidates)  #~ graph-break (strict) `torch.vmap(self.score)(candidates)`: Parameter read under a transform


model = Scorer
example_args = (torch.randn(5, 6),)
