"""The fake kernel of a custom operator promises more rows than the real one gives."""

import torch
from torch import nn


@torch.library.custom_op("corpus_wrong_shape::head_rows", mutates_args=())
def head_rows(x: torch.Tensor, n: int) -> torch.Tensor:
    return x[:n].clone()


@head_rows.register_fake
def _(x, n):
    return torch.empty_like(x)


class Head(nn.Module):
    def forward(self, x):
        return head_rows(x.relu(), 2) + 1  #~ numerics-mismatch `head_rows(x.relu(), 2)`: float32 of shape (2, 3), and its fake kernel says float32 of shape (4, 3)


model = Head()
example_args = (torch.randn(4, 3),)
