"""Takes another path for long sequences; the declared range spans both."""

import torch
from torch import nn
from torch.export import Dim


class Windowed(nn.Module):
    def forward(self, x):
        if x.shape[1] > 16:  #~ constraint-violation `x.shape[1] > 16`
            return x[:, :16].mean(1)
        return x.mean(1)


class WindowedModel:
    def get_eager_model(self):
        return Windowed()

    def get_example_inputs(self):
        return (torch.randn(2, 8),)

    def get_dynamic_shapes(self):
        return {"x": {1: Dim("length", min=2, max=64)}}
