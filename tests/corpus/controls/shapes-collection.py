"""The dynamic shapes come from a ShapesCollection, keyed by the example tensors themselves."""

import torch
from torch import nn
from torch.export import Dim, ShapesCollection


class Pool(nn.Module):
    def __init__(self, dim=6):
        super().__init__()
        self.score = nn.Linear(dim, 1)

    def forward(self, batch):
        features, mask = batch["features"], batch["mask"]
        weights = self.score(features).squeeze(-1).masked_fill(mask == 0, -1e4).softmax(-1)
        return torch.einsum("bl,bld->bd", weights, features)


features, mask = torch.randn(3, 5, 6), torch.ones(3, 5)
rows, length = Dim("rows"), Dim("length", max=1024)
dynamic_shapes = ShapesCollection()
dynamic_shapes[features] = {0: rows, 1: length}
dynamic_shapes[mask] = (rows, length)

model = Pool
example_args = ({"features": features, "mask": mask},)
