"""Integer arithmetic."""

import torch
from torch import nn


class Buckets(nn.Module):
    def forward(self, distance):
        return torch.div(distance, 3, rounding_mode="floor") * 2 + distance.abs()


model = Buckets()
example_args = (torch.arange(-9, 9),)
