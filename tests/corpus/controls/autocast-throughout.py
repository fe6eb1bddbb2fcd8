"""The whole of `forward` runs under autocast, and nothing is converted after it."""

import torch
from torch import nn


class Scorer(nn.Module):
    def __init__(self, dim=8):
        super().__init__()
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)

    def forward(self, left, right):
        with torch.autocast(device_type="cpu", dtype=torch.bfloat16):
            scores = self.query(left) @ self.key(right).transpose(-1, -2)
            return torch.softmax(scores, -1)


model = Scorer
example_args = (torch.randn(2, 5, 8), torch.randn(2, 3, 8))
dynamic_shapes = {"left": {0: torch.export.Dim("batch")}, "right": {0: torch.export.Dim("batch")}}
