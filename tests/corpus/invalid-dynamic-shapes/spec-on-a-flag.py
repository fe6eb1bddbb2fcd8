"""The spec gives a shape to an argument that is a bool."""

import torch
from torch import nn
from torch.export import Dim


class Net(nn.Module):
    def forward(self, x, training):
        return x * 2 if training else x


class FlaggedModel:
    def get_eager_model(self):
        return Net()

    def get_example_inputs(self):
        return (torch.randn(4, 8), True)

    def get_dynamic_shapes(self):
        return {"x": {0: Dim("batch")}, "training": {0: Dim("flag")}}  #~ invalid-dynamic-shapes `{0: Dim("flag")}`
