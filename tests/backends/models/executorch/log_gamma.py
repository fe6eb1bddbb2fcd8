"""The logarithm of the gamma function."""

import torch
from torch import nn


class LogFactorial(nn.Module):
    def forward(self, x):
        return torch.lgamma(x + 1)  #~ backend-unsupported `torch.lgamma(x + 1)`: `aten::lgamma`


model = LogFactorial()
example_args = (torch.rand(5) * 4,)
