"""The fake kernel makes a size that its result does not have."""

import torch
from torch import nn


@torch.library.custom_op("corpus::compacted", mutates_args=())
def compacted(x: torch.Tensor) -> torch.Tensor:
    return x.clone()


@compacted.register_fake
def _(x):
    torch.library.get_ctx().new_dynamic_size()
    return torch.empty_like(x)


class Net(nn.Module):
    def forward(self, x):
        return compacted(x)  #~ unsupported-operator `compacted(x)`


model = Net()
example_args = (torch.randn(3, 4),)
