"""A try with a finally around the computation."""

import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        try:
            y = x + 1
        finally:
            torch.cuda.synchronize() if x.is_cuda else None
        return y


model = Net()
example_args = (torch.randn(2, 8),)
