"""Fields of a dataclass and of a named tuple share a Dim."""

import dataclasses
from typing import NamedTuple

import torch
from torch import nn
from torch.export import Dim

@dataclasses.dataclass
class Edge:
    source: torch.Tensor
    target: torch.Tensor


class Sizes(NamedTuple):
    width: torch.Tensor
    height: torch.Tensor


torch.export.register_dataclass(Edge, serialized_type_name="Edge")


class Lengths(nn.Module):
    def forward(self, edge, sizes):
        return (edge.source - edge.target).norm(dim=-1), sizes.width * sizes.height


edges, boxes = Dim("edges"), Dim("boxes")
model = Lengths()
example_args = (
    Edge(torch.randn(6, 3), torch.randn(6, 3)),
    Sizes(torch.rand(4), torch.rand(4)),  #~ serialization-error `Sizes(torch.rand(4), torch.rand(4))`
)
dynamic_shapes = {
    "edge": [{0: edges}, {0: edges}],
    "sizes": Sizes({0: boxes}, {0: boxes}),
}
