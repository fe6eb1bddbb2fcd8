"""Takes the absolute value of a difference of sizes, in two places."""

import torch
from torch import nn


def penalty(n, wanted):
    return abs(n - wanted)  #~ serialization-error `abs(n - wanted)`: computes with a size


class Balance(nn.Module):
    def forward(self, x):
        y = x * abs(x.shape[0] - 5)  #~ serialization-error `abs(x.shape[0] - 5)`
        return y + penalty(x.shape[0], 3)


model = Balance()
example_args = (torch.randn(8),)
dynamic_shapes = {"x": {0: torch.export.Dim("n", min=7, max=64)}}
