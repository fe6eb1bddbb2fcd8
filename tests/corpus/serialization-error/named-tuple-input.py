"""Takes a named tuple, whose class has no name to be saved under."""

from typing import NamedTuple

import torch
from torch import nn


class Batch(NamedTuple):
    tokens: torch.Tensor
    weights: torch.Tensor


class Weighted(nn.Module):
    def forward(self, x, batch):
        return x + (batch.tokens * batch.weights).sum()


model = Weighted()
batch = Batch(torch.randn(4), torch.rand(4))
example_args = (torch.randn(3), batch)  #~ serialization-error `batch`: The input `batch` holds the named tuple `Batch`
