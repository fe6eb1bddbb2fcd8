"""Groups points into voxels whose number is known only from the data."""

import torch
from torch import nn


class Voxels(nn.Module):
    def __init__(self, size=0.5):
        super().__init__()
        self.size = size

    def forward(self, points):
        cells = (points / self.size).floor().long()
        occupied, owner = torch.unique(cells, dim=0, return_inverse=True)
        if len(occupied) < 2:  #~ data-dependent-guard (non-strict) `len(occupied)` #~ data-dependent-guard (strict) `len(occupied) < 2`
            return points, owner
        return points, owner


class PointNet(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.voxels = Voxels()
        self.lift = nn.Linear(3, width)

    def forward(self, points, valid):
        points, owner = self.voxels(points)
        near = points[valid]
        k = int(owner.max())  #~ data-dependent-guard (non-strict) `int(owner.max())`
        scale = [1.0 / (i + 1) for i in range(k)]  #~ data-dependent-guard (strict) `range(k)`
        halves = near.chunk(valid.sum().item())  #~ data-dependent-guard `near.chunk(valid.sum().item())`
        return self.lift(halves[0]).amax(0) * sum(scale)


model = PointNet
example_args = (torch.rand(7, 3) * 4, torch.tensor([True, True, False, True, True, False, True]))
