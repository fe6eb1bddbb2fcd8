"""Message passing that asks for the number of nodes, edges and graphs of its input."""

import torch
from torch import nn


class Convolve(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)

    def forward(self, nodes, edges):
        source, target = edges
        if source.max() >= nodes.shape[0]:  #~ data-dependent-branch `source.max() >= nodes.shape[0]`
            raise ValueError("an edge leaves the graph")
        return nodes.index_add(0, target, self.linear(nodes)[source])


class Pool(nn.Module):
    def forward(self, nodes, batch):
        graphs = batch.max().item() + 1
        pooled = nodes.new_zeros(graphs, nodes.shape[1]).index_add(0, batch, nodes)
        if graphs > 1:  #~ data-dependent-guard `graphs > 1`: graphs
            pooled = pooled / graphs
        return pooled


class GraphNet(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.convolutions = nn.ModuleList(Convolve(width) for _ in range(2))
        self.pool = Pool()

    def forward(self, nodes, edges, batch):
        for convolve in self.convolutions:
            nodes = convolve(nodes, edges)
        isolated = (nodes.abs().sum(1) == 0).nonzero()
        if isolated.numel() > 0:  #~ data-dependent-guard `isolated.numel() > 0`
            nodes = nodes.index_fill(0, isolated[:, 0], 1.0)
        return self.pool(nodes, batch)


model = GraphNet
example_args = (
    torch.randn(5, 4),
    torch.tensor([[0, 1, 2, 3], [1, 2, 3, 4]]),
    torch.tensor([0, 0, 1, 1, 1]),
)
