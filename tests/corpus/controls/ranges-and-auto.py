"""Dim.AUTO with a range, a static dimension given as a number, and a tuple as the spec."""

import torch
from torch import nn
from torch.export import Dim


class Matcher(nn.Module):
    def __init__(self, dim=8):
        super().__init__()
        self.project = nn.Linear(dim, dim)

    def forward(self, left, right, lengths):
        scores = torch.einsum("bid,bjd->bij", self.project(left), self.project(right))
        position = torch.arange(right.shape[1])
        mask = position[None, :] < lengths[:, None]
        return scores.masked_fill(~mask[:, None, :], float("-inf")).softmax(-1)


model = Matcher
example_args = (torch.randn(2, 5, 8), torch.randn(2, 7, 8), torch.tensor([7, 4]))
dynamic_shapes = (
    {0: Dim.AUTO, 1: Dim.AUTO(min=2, max=64), 2: 8},  #~ load-error [torch<=2.6] `Dim.AUTO(min=2, max=64)`
    [Dim.AUTO, Dim.DYNAMIC, Dim.STATIC],
    {0: Dim.AUTO},
)
