"""Two inputs share a dimension, and their examples differ in it."""

import torch
from torch import nn
from torch.export import Dim


class Both(nn.Module):
    def forward(self, left, right):
        return left.sum() + right.sum()


rows = Dim("rows")
model = Both()
example_args = (torch.randn(4, 2), torch.randn(6, 2))
dynamic_shapes = {
    "left": {0: rows},
    "right": {0: rows},  #~ invalid-dynamic-shapes `rows`: 6
}
