"""Seeds the random numbers at every call."""

import torch
from torch import nn


class Noisy(nn.Module):
    def forward(self, x):
        torch.manual_seed(0)  #~ graph-break (strict) `torch.manual_seed(0)`
        return x + torch.rand(4)  #~ numerics-mismatch (non-strict) `torch.rand(4)`: other random numbers


model = Noisy()
example_args = (torch.randn(4),)
