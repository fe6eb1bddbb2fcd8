"""Gigabytes of parameters and of inputs, with a dynamic number of rows."""

import torch
from torch import nn
from torch.export import Dim


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.big = nn.Linear(20000, 60000)

    def forward(self, x, mask):
        return self.big(x).masked_fill(mask, 0.0).cumsum(-1)


class Declared:
    def get_eager_model(self):
        return Net().eval()

    def get_example_inputs(self):
        return torch.randn(30000, 20000), torch.zeros(30000, 60000, dtype=torch.bool)

    def get_dynamic_shapes(self):
        n = Dim("n", min=2)
        return {"x": {0: n}, "mask": {0: n}}
