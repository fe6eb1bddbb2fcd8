"""Keeps an adjacency matrix as a sparse buffer."""

import torch
from torch import nn


class GraphConvolution(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("adjacency", torch.eye(6).to_sparse())
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        return torch.sparse.mm(self.adjacency, self.fc(x))  #~ serialization-error `torch.sparse.mm(self.adjacency, self.fc(x))`: `adjacency` is a `sparse_coo` tensor


model = GraphConvolution
example_args = (torch.randn(6, 4),)
