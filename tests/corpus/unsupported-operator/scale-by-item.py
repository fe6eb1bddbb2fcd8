"""Resizes by a factor from a tensor."""

import torch
import torch.nn.functional as F
from torch import nn


class Zoom(nn.Module):
    def forward(self, wave, factor):
        return F.interpolate(wave, scale_factor=factor.item())  #~ data-dependent-guard `F.interpolate(wave, scale_factor=factor.item())`


model = Zoom()
example_args = (torch.randn(1, 2, 8), torch.tensor(2.0))
