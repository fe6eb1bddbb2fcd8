"""torch.cond over two submodules, on a predicate computed by a third."""

import torch
from torch import nn


class Route(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.small = nn.Linear(width, width)
        self.large = nn.Sequential(nn.Linear(width, 8), nn.ReLU(), nn.Linear(8, width))
        self.judge = nn.Linear(width, 1)

    def forward(self, x):
        hard = self.judge(x).mean() > 0
        return torch.cond(hard, lambda x: self.large(x), lambda x: self.small(x), (x,))


model = Route
example_args = (torch.randn(3, 4),)
