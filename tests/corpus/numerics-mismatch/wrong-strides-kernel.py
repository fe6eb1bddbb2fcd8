"""The real kernel of a custom operator gives another memory order than the fake one."""

import torch
from torch import nn


@torch.library.custom_op("corpus_wrong_strides::columns", mutates_args=())
def columns(x: torch.Tensor) -> torch.Tensor:
    return x.mT.contiguous().mT


@columns.register_fake
def _(x):
    return torch.empty_like(x)


class Project(nn.Module):
    def forward(self, x):
        return columns(x).abs()  #~ numerics-mismatch `columns(x)`: another memory order


model = Project()
example_args = (torch.randn(4, 3),)
dynamic_shapes = {"x": {0: torch.export.Dim("rows", min=2, max=64)}}
