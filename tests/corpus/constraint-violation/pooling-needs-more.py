"""A window of four over a signal that may be as short as two."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.export import Dim


class Smooth(nn.Module):
    def forward(self, wave):
        return F.avg_pool1d(wave, 4)  #~ constraint-violation `F.avg_pool1d(wave, 4)`


class SmoothModel:
    def get_eager_model(self):
        return Smooth()

    def get_example_inputs(self):
        return (torch.randn(1, 1, 8),)

    def get_dynamic_shapes(self):
        return {"wave": {2: Dim("samples", min=2, max=64)}}
