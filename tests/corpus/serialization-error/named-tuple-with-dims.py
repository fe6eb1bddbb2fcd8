"""A named tuple as input, with a dynamic dimension in one field."""

from typing import NamedTuple

import torch
from torch import nn
from torch.export import Dim


class Batch(NamedTuple):
    tokens: torch.Tensor
    mask: torch.Tensor


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(10, 4)

    def forward(self, batch: Batch):
        return (self.embed(batch.tokens) * batch.mask[..., None]).sum(1)


length = Dim("length", max=64)
model = Encoder
example_args = (Batch(torch.ones(2, 5, dtype=torch.long), torch.ones(2, 5)),)  #~ serialization-error `Batch(torch.ones(2, 5, dtype=torch.long), torch.ones(2, 5))`
dynamic_shapes = {"batch": Batch({1: length}, {1: length})}
