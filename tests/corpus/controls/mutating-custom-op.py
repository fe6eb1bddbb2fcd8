"""A custom operator that changes its argument, and one with a size from data, both described."""

import torch
from torch import nn


@torch.library.custom_op("corpus_controls::accumulate", mutates_args={"total"})
def accumulate(total: torch.Tensor, x: torch.Tensor) -> None:
    total.add_(x)


@accumulate.register_fake
def _(total, x):
    return None


@torch.library.custom_op("corpus_controls::positives", mutates_args=())
def positives(x: torch.Tensor) -> torch.Tensor:
    return x[x > 0].clone()


@positives.register_fake
def _(x):
    return x.new_empty(torch.library.get_ctx().new_dynamic_size())


class Net(nn.Module):
    def forward(self, x):
        total = torch.zeros_like(x)
        accumulate(total, x)
        return total, positives(x).sum()


model = Net()
example_args = (torch.randn(6),)
