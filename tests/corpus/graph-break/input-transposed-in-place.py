"""Changes the shape of its input in place."""

import torch
from torch import nn


class Transposed(nn.Module):
    def forward(self, x):
        x.t_()  #~ graph-break (strict) `x.t_()` #~ decomposition-error (non-strict) `x.t_()`
        return x + 1


model = Transposed()
example_args = (torch.randn(2, 4),)
