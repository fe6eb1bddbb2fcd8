"""The promises that are broken were put into a ShapesCollection."""

import torch
from torch import nn
from torch.export import Dim, ShapesCollection

class Pool(nn.Module):
    def forward(self, batch):
        features, mask = batch["features"], batch["mask"]
        weights = mask.view(3, 5, 1)  #~ constraint-violation `mask.view(3, 5, 1)`: batch['mask']
        return features.unflatten(2, (2, 3)), weights  #~ constraint-violation `features.unflatten(2, (2, 3))`: batch['features']


features, mask = torch.randn(4, 5, 6), torch.ones(3, 5)
dynamic_shapes = ShapesCollection()
dynamic_shapes[features] = {0: Dim.DYNAMIC, 2: Dim.DYNAMIC}
dynamic_shapes[mask] = (Dim.DYNAMIC, Dim.STATIC)

model = Pool
example_args = ({"features": features, "mask": mask},)
