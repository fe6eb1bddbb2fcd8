"""A dimension of a dataclass's field becomes a constant."""

import dataclasses

import torch
from torch import nn
from torch.export import Dim

@dataclasses.dataclass
class Batch:
    tokens: torch.Tensor
    weights: torch.Tensor


torch.export.register_dataclass(Batch, serialized_type_name="Batch")


class Pool(nn.Module):
    def forward(self, batch):
        return batch.tokens.reshape(2, 6).sum(), batch.weights.exp()  #~ specialization `batch.tokens.reshape(2, 6)`: `batch.tokens`


model = Pool()
example_args = (Batch(torch.randn(3, 4), torch.randn(5)),)
dynamic_shapes = {"batch": [{1: Dim.AUTO}, {0: Dim.AUTO}]}
