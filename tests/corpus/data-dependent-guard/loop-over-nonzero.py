"""Loops over the experts that were hit: their number is only known from the data."""

import torch
from torch import nn


class MixtureOfExperts(nn.Module):
    def __init__(self, num_experts=4):
        super().__init__()
        self.num_experts = num_experts
        self.gate = nn.Linear(8, num_experts)

    def forward(self, x):
        choice = self.gate(x).argmax(-1)
        hit = torch.nn.functional.one_hot(choice, self.num_experts).sum(0).nonzero()
        out = torch.zeros_like(x)
        for e in hit:  #~ data-dependent-guard `hit`: hit
            out = out + x * e
        return out


model = MixtureOfExperts
example_args = (torch.randn(6, 8),)
