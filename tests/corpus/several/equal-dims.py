"""Pairs of dimensions with different names that two submodules need to be equal, and a table."""

import torch
from torch import nn
from torch.export import Dim

SCALES = {10: 0.5, 20: 0.25}


class Similarity(nn.Module):
    def forward(self, left, right):
        return left.softmax(-1) * right  #~ constraint-violation `left.softmax(-1) * right`


class Mixture(nn.Module):
    def forward(self, scores, values):
        return scores @ values  #~ constraint-violation `scores @ values`


class Compare(nn.Module):
    def __init__(self):
        super().__init__()
        self.similarity = Similarity()
        self.mixture = Mixture()

    def forward(self, left, right, values, frames):
        scores = self.similarity(left, right)
        rate = SCALES[frames.shape[0]]  #~ constraint-violation `SCALES[frames.shape[0]]`
        return self.mixture(scores, values).mean() + rate * frames.sum()


model = Compare()
example_args = (torch.randn(3, 5), torch.randn(3, 5), torch.randn(5, 4), torch.randn(10))
columns = Dim("columns", max=99)
dynamic_shapes = {
    "left": {0: Dim("rows", max=99), 1: columns},
    "right": {0: Dim("others", max=99), 1: columns},
    "values": {0: Dim("keys", max=99)},
    "frames": {0: Dim("frames", max=99)},
}
