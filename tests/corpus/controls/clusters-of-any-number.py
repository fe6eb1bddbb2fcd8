"""The number of clusters stays a symbolic number, which decides the sizes of tensors."""

import torch
from torch import nn
from torch.export import Dim


class Clusters(nn.Module):
    def forward(self, nodes, cluster):
        count = cluster.max().item() + 1
        sums = nodes.new_zeros(count, nodes.shape[1]).index_add(0, cluster, nodes)
        sizes = torch.bincount(cluster, minlength=count).clamp(min=1)
        return (sums / sizes[:, None])[cluster] - nodes


model = Clusters()
example_args = (torch.randn(6, 5), torch.tensor([0, 1, 2, 3, 1, 0]))
dynamic_shapes = {"nodes": {0: Dim("nodes")}, "cluster": {0: Dim("nodes")}}
