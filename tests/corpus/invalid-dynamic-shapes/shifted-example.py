"""A derived dimension does not fit the sizes of the examples."""

import torch
from torch import nn
from torch.export import Dim


class Shift(nn.Module):
    def forward(self, inputs, targets):
        return inputs.sum() + targets.sum()


n = Dim("n", max=64)
model = Shift()
example_args = (torch.randn(4), torch.randn(6))
dynamic_shapes = {"inputs": {0: n}, "targets": {0: n + 1}}  #~ invalid-dynamic-shapes `n + 1`: 6
