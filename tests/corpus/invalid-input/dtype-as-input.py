"""The dtype to convert to is an input."""

import torch
from torch import nn


class Cast(nn.Module):
    def forward(self, x, dtype):
        return x.to(dtype)


model = Cast()
example_args = (torch.randn(3), torch.float64)  #~ invalid-input `torch.float64`: dtype
