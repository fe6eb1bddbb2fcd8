"""Half precision, compared with its own rounding."""

import torch
from torch import nn


class Half(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(16, 16), nn.GELU(), nn.LayerNorm(16)).half()

    def forward(self, x):
        return self.layers(x.half()).float()


model = Half()
example_args = (torch.randn(4, 16),)
