"""Fields of a dataclass are declared with Dims of their own and have to be equal."""

import dataclasses

import torch
from torch import nn
from torch.export import Dim

@dataclasses.dataclass
class Edge:
    source: torch.Tensor
    target: torch.Tensor


torch.export.register_dataclass(Edge, serialized_type_name="Edge")


class Lengths(nn.Module):
    def forward(self, edge):
        return (edge.source - edge.target).norm(dim=-1)  #~ constraint-violation `edge.source - edge.target`: `edge.target`


model = Lengths()
example_args = (Edge(torch.randn(6, 3), torch.randn(6, 3)),)
dynamic_shapes = {"edge": [{0: Dim("sources")}, {0: Dim("targets")}]}
