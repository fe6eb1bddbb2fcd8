"""Two custom operators whose fake kernels are wrong, one of them in a submodule."""

import torch
from torch import nn


@torch.library.custom_op("corpus_two_kernels::pairs", mutates_args=())
def pairs(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x.clone(), x.sum(-1)


@pairs.register_fake
def _(x):
    return torch.empty_like(x), torch.empty_like(x)


@torch.library.custom_op("corpus_two_kernels::halve", mutates_args=())
def halve(x: torch.Tensor) -> torch.Tensor:
    return x.half()


@halve.register_fake
def _(x):
    return torch.empty_like(x)


class Halving(nn.Module):
    def forward(self, x):
        return halve(x).float()  #~ numerics-mismatch `halve(x)`: gives float16


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.halving = Halving()

    def forward(self, x):
        same, _ = pairs(x)  #~ numerics-mismatch `pairs(x)`: of shape (4,)
        return self.halving(same)


model = Network()
example_args = (torch.randn(4, 3),)
