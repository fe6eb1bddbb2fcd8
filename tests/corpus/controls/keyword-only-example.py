"""All inputs are given by keyword, some in another order, with one Dim.AUTO."""

import torch
from torch import nn
from torch.export import Dim


class Attend(nn.Module):
    def forward(self, query, key, value, *, scale: float = 1.0):
        return (query @ key.mT * scale).softmax(-1) @ value


model = Attend()
example_args = ()
example_kwargs = {
    "value": torch.randn(5, 3),
    "query": torch.randn(2, 4),
    "key": torch.randn(5, 4),
    "scale": 0.5,
}
dynamic_shapes = {"query": {0: Dim.AUTO}, "key": None, "value": None, "scale": None}
