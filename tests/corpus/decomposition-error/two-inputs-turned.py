"""Changes the shape of two inputs in place, one of them in a helper."""

import torch
from torch import nn


def flip(x):
    return x.t_()  #~ decomposition-error (non-strict) `x.t_()` #~ graph-break (strict) `x.t_()`


class Bilinear(nn.Module):
    def forward(self, left, right):
        flip(left)
        right.swapaxes_(0, 1)  #~ decomposition-error (non-strict) `right.swapaxes_(0, 1)` #~ graph-break (strict) `right.swapaxes_(0, 1)`
        return left @ right


model = Bilinear()
example_args = (torch.randn(3, 4), torch.randn(5, 3))
