"""The best, with their places."""

import torch
from torch import nn


class Ranking(nn.Module):
    def forward(self, scores):
        best = scores.topk(3)
        return {"values": best.values, "places": best.indices, "first": scores.argmax(-1)}


model = Ranking()
example_args = (torch.randn(4, 9),)
