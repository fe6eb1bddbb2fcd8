"""An integer input that may vary, used as a length."""

import torch
from torch import nn
from torch.export import Dim


class Head(nn.Module):
    def forward(self, x, n: int):
        return x[:n] * n


model = Head()
example_args = (torch.randn(8, 4), 3)
dynamic_shapes = {"x": None, "n": Dim.DYNAMIC(min=1, max=8)}
