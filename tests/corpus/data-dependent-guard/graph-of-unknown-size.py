"""The number of nodes is computed from the edges, beside a dynamic number of features."""

import torch
from torch import nn
from torch.export import Dim


class Spread(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.weigh = nn.Linear(width, width, bias=False)

    def forward(self, nodes, links):
        count = int(links.max()) + 1  #~ data-dependent-guard (non-strict) `int(links.max())`: number
        received = nodes.new_zeros(count, nodes.shape[1])
        received = received.index_add(0, links[:, 1], self.weigh(nodes)[links[:, 0]])
        return nodes - received


model = Spread()
example_args = (torch.randn(4, 4), torch.tensor([[0, 1], [1, 2], [2, 3], [3, 0], [0, 2]]))
dynamic_shapes = {"nodes": {0: Dim("nodes")}, "links": {0: Dim("links")}}
