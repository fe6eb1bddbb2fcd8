"""The k-th value, in a submodule that is called twice."""

import torch
from torch import nn


class Trim(nn.Module):
    def forward(self, x):
        return x - x.kthvalue(3, dim=-1, keepdim=True).values  #~ backend-unsupported `x.kthvalue(3, dim=-1, keepdim=True)`: `aten::kthvalue`


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.trim = Trim()
        self.mix = nn.Linear(8, 8)

    def forward(self, x):
        return self.trim(self.mix(self.trim(x)))


model = Net()
example_args = (torch.randn(2, 8),)
