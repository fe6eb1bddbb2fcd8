"""Asks torch for its number of threads."""

import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        pieces = torch.get_num_threads()  #~ graph-break (strict) `torch.get_num_threads()`
        return x * pieces


model = Net()
example_args = (torch.randn(2, 8),)
