"""A layer is mapped over the batch; its weights, and a scale, are read before."""

import torch
from torch import nn
from torch.func import functional_call


class Scorer(nn.Module):
    def __init__(self, features=6):
        super().__init__()
        self.score = nn.Linear(features, 2)
        self.scale = nn.Parameter(torch.ones(2))

    def forward(self, candidates):
        state, scale = dict(self.score.named_parameters()), self.scale

        def one(candidate):
            return functional_call(self.score, state, (candidate,)) * scale

        return torch.vmap(one)(candidates)


model = Scorer
example_args = (torch.randn(5, 6),)
