"""A lambda in a list of steps needs the size of a selection."""

import torch
from torch import nn


class Steps(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = [
            lambda rows: rows * 2,
            lambda rows: rows if rows.shape[0] > 1 else rows + 1,  #~ data-dependent-guard `rows.shape[0] > 1`
        ]

    def forward(self, x, keep):
        rows = x[keep]
        for step in self.steps:
            rows = step(rows)
        return rows


model = Steps
example_args = (torch.randn(4, 3), torch.tensor([True, True, False, True]))
