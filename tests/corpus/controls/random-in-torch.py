"""Draws random numbers by torch, which the exported program draws as well."""

import torch
from torch import nn


class Noisy(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5), nn.Linear(8, 4))

    def forward(self, x):
        keep = torch.rand(x.shape[0], 1) > 0.2
        return self.fc(x + torch.randn_like(x)) * keep


model = Noisy
example_args = (torch.randn(4, 8),)
