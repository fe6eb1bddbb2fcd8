"""The fake kernel of a custom operator raises."""

import torch
from torch import nn


@torch.library.custom_op("corpus::unfinished", mutates_args=())
def unfinished(x: torch.Tensor) -> torch.Tensor:
    return x.clone()


@unfinished.register_fake
def _(x):
    raise NotImplementedError("shapes to be done")  #~ unsupported-operator (non-strict) `raise NotImplementedError("shapes to be done")`


class Net(nn.Module):
    def forward(self, x):
        return unfinished(x)  #~ graph-break (strict) `unfinished(x)`


model = Net()
example_args = (torch.randn(3, 4),)
