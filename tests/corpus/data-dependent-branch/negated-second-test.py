"""A loop goes on while a size and a negated tensor allow it."""

import torch
from torch import nn


class Shrink(nn.Module):
    def forward(self, x, stop):
        while x.shape[0] > 1 and not stop[x.shape[0] - 1].all():  #~ data-dependent-branch `not stop[x.shape[0] - 1].all()`
            x = x[1:]
        return x


model = Shrink()
example_args = (torch.randn(3, 4), torch.tensor([[True], [True], [False]]))
