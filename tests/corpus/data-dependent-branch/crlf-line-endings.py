"""Windows line endings, with a branch on a maximum."""

import torch
from torch import nn


class Rescale(nn.Module):
    def forward(self, x):
        # größer als eins? 📏
        if x.max() > 1:  #~ data-dependent-branch `x.max() > 1`
            return x / x.max()
        return x


model = Rescale()
example_args = (torch.randn(4, 4),)
