"""A dataclass that is registered with a name to save it under, and dicts with plain keys."""

from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Boxes:
    corners: torch.Tensor
    count: int


torch.export.register_dataclass(Boxes, serialized_type_name="corpus.Boxes")


class Detector(nn.Module):
    def forward(self, x):
        return Boxes(x[:, :4], 3), {1: x.sum(), "length": x.shape[0]}, None


model = Detector()
example_args = (torch.randn(2, 8),)
dynamic_shapes = {"x": {0: torch.export.Dim("boxes", min=2, max=64)}}
