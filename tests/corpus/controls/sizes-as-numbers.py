"""int() and math.sqrt() of sizes that nobody asked to be dynamic."""

import math

import torch
from torch import nn
from torch.export import Dim

class Scores(nn.Module):
    def forward(self, q, k):
        positions = torch.arange(int(q.shape[1]))
        return q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + positions[:, None]


model = Scores()
example_args = (torch.randn(1, 5, 8), torch.randn(1, 5, 8))
dynamic_shapes = {"q": {0: Dim.STATIC, 2: 8}, "k": None}
