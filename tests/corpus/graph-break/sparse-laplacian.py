"""Smooths node values with a sparse Laplacian that is made in forward."""

import torch
from torch import nn


class Smoothing(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.mix = nn.Linear(width, width)

    def forward(self, nodes, edges):
        ones = torch.ones(edges.shape[1])
        lap = torch.sparse_coo_tensor(edges, ones, (nodes.shape[0],) * 2)  #~ graph-break (strict) `torch.sparse_coo_tensor(edges, ones, (nodes.shape[0],) * 2)`: non-strict mode
        return self.mix(torch.sparse.mm(lap, nodes))


model = Smoothing(3)
example_args = (torch.randn(4, 3), torch.tensor([[0, 1, 2, 3], [1, 2, 3, 0]]))
