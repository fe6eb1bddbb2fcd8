"""The number of clusters is computed from data, beside dimensions that export decides on."""

import torch
from torch import nn
from torch.export import Dim


class Clusters(nn.Module):
    def __init__(self, width=5):
        super().__init__()
        self.project = nn.Linear(width, width)

    def forward(self, nodes, cluster, scale):
        count = int(cluster.max().item()) + 1  #~ data-dependent-guard (non-strict) `int(cluster.max().item())`: number
        sums = nodes.new_zeros(count, nodes.shape[1])
        return sums.index_add(0, cluster, self.project(nodes)) * scale[:, None]


model = Clusters
example_args = (torch.randn(6, 5), torch.tensor([0, 1, 2, 3, 1, 0]), torch.rand(4))
dynamic_shapes = {"nodes": {0: Dim.AUTO}, "cluster": {0: Dim.AUTO}, "scale": {0: Dim.AUTO}}
