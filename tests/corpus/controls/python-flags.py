"""Branches on Python values: training mode, a string option, None and isinstance."""

import torch
from torch import nn


class Pooling(nn.Module):
    def __init__(self, kind="mean", project=True):
        super().__init__()
        assert kind in ("mean", "max")
        self.kind = kind
        self.project = nn.Linear(8, 4) if project else None
        self.dropout = nn.Dropout(0.1)

    def forward(self, x, mask=None):
        if self.training:
            x = self.dropout(x)
        if isinstance(mask, torch.Tensor):
            x = x * mask.unsqueeze(-1)
        pooled = x.mean(1) if self.kind == "mean" else x.amax(1)
        return pooled if self.project is None else self.project(pooled)


model = Pooling
example_args = (torch.randn(2, 5, 8),)
