"""Runs every expert on every token and weighs them, with a dynamic number of tokens."""

import torch
from torch import nn
from torch.export import Dim


class Experts(nn.Module):
    def __init__(self, count=3, width=4, top=2):
        super().__init__()
        self.top = top
        self.gate = nn.Linear(width, count)
        self.weights = nn.Parameter(torch.randn(count, width, width))

    def forward(self, x):
        weights, chosen = self.gate(x).softmax(-1).topk(self.top, dim=-1)
        routed = torch.zeros(x.shape[0], self.weights.shape[0]).scatter(1, chosen, weights)
        return torch.einsum("td,edf,te->tf", x, self.weights, routed)


model = Experts
example_args = (torch.randn(5, 4),)
dynamic_shapes = {"x": {0: Dim("tokens", max=512)}}
