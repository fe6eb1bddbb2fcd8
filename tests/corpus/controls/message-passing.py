"""Message passing on a graph with dynamic numbers of nodes and edges."""

import torch
from torch import nn
from torch.export import Dim


class Convolve(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.linear = nn.Linear(width, width)

    def forward(self, nodes, edges):
        source, target = edges.unbind(0)
        degree = torch.zeros(nodes.shape[0]).index_add(0, target, torch.ones(target.shape[0]))
        summed = torch.zeros_like(nodes).index_add(0, target, self.linear(nodes)[source])
        return summed / degree.clamp(min=1)[:, None]


model = Convolve
example_args = (torch.randn(5, 4), torch.tensor([[0, 1, 2, 3], [1, 2, 3, 4]]))
dynamic_shapes = {"nodes": {0: Dim("nodes", max=999)}, "edges": {1: Dim("edges", max=999)}}
