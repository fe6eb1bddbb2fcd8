"""A running sum and an error function."""

import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        total = x.cumsum(-1)  #~ backend-fallback `x.cumsum(-1)`: `aten::cumsum`
        return total * torch.erf(x)  #~ backend-fallback `torch.erf(x)`: `aten::erf`


model = Net()
example_args = (torch.randn(4, 8),)
