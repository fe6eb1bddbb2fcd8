"""The inputs are in a list class of the user's own."""

import torch
from torch import nn


class Stack(list):
    pass


class Sum(nn.Module):
    def forward(self, maps):
        return sum(maps)


model = Sum()
example_args = (Stack([torch.randn(3), torch.randn(3)]),)  #~ invalid-input `Stack([torch.randn(3), torch.randn(3)])`: Stack
