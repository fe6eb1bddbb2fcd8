"""Asserts and branches on sizes that are static, and on ranks and dtypes."""

import torch
from torch import nn
from torch.export import Dim


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        assert x.ndim == 2 and x.shape[1] == 8, f"expected (batch, 8), got {tuple(x.shape)}"
        if x.dtype != torch.float32:
            x = x.float()
        if x.shape[1] % 2 == 0:
            x = x.view(-1, 2, 4).flatten(1)
        return self.fc(x)


model = Head
example_args = (torch.randn(3, 8),)
dynamic_shapes = {"x": {0: Dim("batch", max=1024)}}
