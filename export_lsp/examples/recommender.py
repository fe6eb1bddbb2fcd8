"""A two-tower recommender that exports: both towers are targets, with any batch size."""

import torch
from torch import nn
from torch.export import Dim


class Tower(nn.Module):
    """Turns the ids of a set of things into one vector of length 1."""

    def __init__(self, things: int, width: int = 24):
        super().__init__()
        self.embedding = nn.Embedding(things, width, padding_idx=0)
        self.project = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, width))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        known = (ids != 0).unsqueeze(-1)
        mean = (self.embedding(ids) * known).sum(1) / known.sum(1).clamp(min=1)
        return nn.functional.normalize(self.project(mean), dim=-1)


def _target(things: int) -> dict[str, object]:
    return {
        "model": lambda: Tower(things),
        "args": lambda: (torch.randint(things, (3, 8)),),
        "dynamic_shapes": {"ids": {0: Dim("batch", min=1, max=1024)}},
    }


export_targets = {"users": _target(500), "items": _target(2000)}
