"""The same dimension name is given two different ranges."""

import torch
from torch import nn
from torch.export import Dim


class Scores(nn.Module):
    def forward(self, query, key):
        return query @ key.T


model = Scores()
example_args = (torch.randn(4, 8), torch.randn(4, 8))
dynamic_shapes = {
    "query": {0: Dim("n", max=64)},
    "key": {0: Dim("n", max=128)},  #~ invalid-dynamic-shapes `Dim("n", max=128)`: n
}
