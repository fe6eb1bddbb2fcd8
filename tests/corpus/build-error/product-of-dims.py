"""A dimension is declared as the product of two others."""

import torch
from torch import nn
from torch.export import Dim


class Flat(nn.Module):
    def forward(self, x):
        return x * 2


class FlatTest:
    def get_eager_model(self):
        return Flat()

    def get_example_inputs(self):
        return (torch.randn(12),)

    def get_dynamic_shapes(self):
        rows, columns = Dim("rows"), Dim("columns")
        return {"x": {0: rows * columns}}  #~ build-error `rows * columns`
