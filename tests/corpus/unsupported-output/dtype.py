"""Returns the dtype beside the result."""

import torch
from torch import nn


class Cast(nn.Module):
    def forward(self, x):
        return x.half(), x.dtype  #~ unsupported-output `x.half(), x.dtype`: dtype


model = Cast()
example_args = (torch.randn(3, 4),)
