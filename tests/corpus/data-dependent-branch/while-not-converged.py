"""Iterates until the residual is small."""

import torch
from torch import nn


class PowerIteration(nn.Module):
    def __init__(self, tolerance=1e-3):
        super().__init__()
        self.tolerance = tolerance

    def forward(self, a, v):
        error = torch.ones(())
        while error > self.tolerance:  #~ data-dependent-branch `error > self.tolerance`
            w = a @ v
            w = w / w.norm()
            error = (w - v).norm()
            v = w
        return v


model = PowerIteration
example_args = (torch.eye(4), torch.randn(4))
