"""The activation is passed in as a function."""

import torch
from torch import nn


class Apply(nn.Module):
    def forward(self, x, activation):
        return activation(x)


model = Apply()
example_args = (torch.randn(3), torch.relu)  #~ invalid-input `torch.relu`
