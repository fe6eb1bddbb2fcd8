"""The square root of a dynamic size as a power."""

import torch
from torch import nn
from torch.export import Dim


class Scores(nn.Module):
    def forward(self, q, k):
        return q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5


width = Dim("width", min=2, max=128)
model = Scores()
example_args = (torch.randn(2, 5, 8), torch.randn(2, 5, 8))
dynamic_shapes = {"q": {2: width}, "k": {2: width}}
