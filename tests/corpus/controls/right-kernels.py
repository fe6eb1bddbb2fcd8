"""Custom operators whose fake kernels keep what they say: two results, strides, a size from data."""

import torch
from torch import nn


@torch.library.custom_op("corpus_right::split", mutates_args=())
def split(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x.mT.contiguous().mT, x.argmax(-1)


@split.register_fake
def _(x):
    return x.new_empty(x.shape[::-1]).mT, x.new_empty(x.shape[:-1], dtype=torch.long)


@torch.library.custom_op("corpus_right::positive", mutates_args=())
def positive(x: torch.Tensor) -> torch.Tensor:
    return x[x > 0]


@positive.register_fake
def _(x):
    return x.new_empty(torch.library.get_ctx().new_dynamic_size())


class Network(nn.Module):
    def forward(self, x):
        columns, best = split(x)
        return columns * 2, best, positive(x).sum()


model = Network()
example_args = (torch.randn(4, 3),)
dynamic_shapes = {"x": {0: torch.export.Dim("rows", min=2, max=64)}}
