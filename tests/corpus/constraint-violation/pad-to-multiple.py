"""Pads to a multiple of eight: torch fails to put the violated guards into words, in both modes."""

import torch
from torch import nn
from torch.export import Dim
from torch.nn import functional as F


class Frames(nn.Module):
    def forward(self, wave):
        wave = F.pad(wave, (0, -wave.shape[-1] % 8))
        return wave.view(wave.shape[0], -1, 8).mean(-1)


model = Frames()
example_args = (torch.randn(2, 21),)
dynamic_shapes = {"wave": {1: Dim("samples", min=9, max=640)}}  #~ constraint-violation `{"wave": {1: Dim("samples", min=9, max=640)}}`
