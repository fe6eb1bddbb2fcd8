"""Gives infinities and NaN, in eager and exported."""

import torch
from torch import nn


class Mask(nn.Module):
    def forward(self, x):
        scores = x.masked_fill(x > 0, float("-inf"))
        return scores, scores.softmax(-1) * float("inf"), torch.full((2,), float("nan"))


model = Mask()
example_args = (torch.ones(2, 3),)
