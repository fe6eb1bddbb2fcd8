"""Sorting, and the best with their places."""

import torch
from torch import nn
from torch.export import Dim


class Ranking(nn.Module):
    def forward(self, scores):
        best = scores.topk(3)
        return {"values": best.values, "places": best.indices, "sorted": scores.sort(-1).values}


model = Ranking()
example_args = (torch.randn(4, 9),)
dynamic_shapes = {"scores": {0: Dim("queries", max=32)}}
