"""The model was already compiled to TorchScript."""

import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return x * 2


model = torch.jit.script(Net())  #~ invalid-input `torch.jit.script(Net())`
example_args = (torch.randn(2, 4),)
