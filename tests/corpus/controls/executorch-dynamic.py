"""The get_eager_model convention with keyword inputs and dynamic shapes."""

import torch
from torch import nn


class Scaler(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x, scale=None):
        y = self.fc(x)
        return y if scale is None else y * scale


class ScalerModel:
    def get_eager_model(self):
        return Scaler().eval()

    def get_example_inputs(self):
        return (torch.randn(3, 4),)

    def get_example_kwarg_inputs(self):
        return {"scale": torch.tensor(2.0)}

    def get_dynamic_shapes(self):
        batch = torch.export.Dim("batch", max=128)
        return {"x": {0: batch}, "scale": {}}
