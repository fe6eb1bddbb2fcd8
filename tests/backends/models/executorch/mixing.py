"""Slices, masks and padding."""

import torch
import torch.nn.functional as F
from torch import nn


class Mix(nn.Module):
    def forward(self, x, keep):
        x = torch.where(keep, x, x.new_zeros(()))
        return F.pad(torch.cat([x[:, 1:], x[:, :1]], 1), (1, 1)).flip(0)


model = Mix()
example_args = (torch.randn(3, 4), torch.eye(3, 4).bool())
