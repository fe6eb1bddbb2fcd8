"""A test for None stands before the test of a tensor."""

import torch
from torch import nn


class Masked(nn.Module):
    def forward(self, x, mask=None):
        if mask is not None and mask.any():  #~ data-dependent-branch `mask.any()`
            x = x.masked_fill(mask, 0.0)
        return x


model = Masked()
example_args = (torch.randn(2, 4), torch.tensor([True, False, True, False]))
