"""Pairwise distances of the rows that a mask picked: cdist asks whether there are any."""

import torch
from torch import nn


class SpreadLoss(nn.Module):
    def forward(self, x, keep):
        y = x[keep]
        return torch.cdist(y, y).mean()  #~ data-dependent-guard `torch.cdist(y, y)`


model = SpreadLoss
example_args = (torch.randn(6, 3), torch.tensor([True, False, True, True, False, True]))
