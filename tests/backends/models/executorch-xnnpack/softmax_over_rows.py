"""A softmax over the first dimension, where XNNPACK takes the last."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(8, 8)

    def forward(self, x):
        return self.lin(x).softmax(0)  #~ backend-fallback `self.lin(x).softmax(0)`: must be the last dim


model = Net()
example_args = (torch.randn(4, 8),)
