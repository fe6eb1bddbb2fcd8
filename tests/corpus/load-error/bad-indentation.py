"""The body of a method is not indented."""

import torch
from torch import nn


class Shift(nn.Module):
    def forward(self, x):
    return x + 1  #~ load-error `return`


model = Shift
example_args = (torch.randn(2),)
