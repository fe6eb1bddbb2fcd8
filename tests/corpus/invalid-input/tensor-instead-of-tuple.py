"""The example arguments are a tensor, not a tuple: the parentheses have no comma."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        return self.fc(x)


model = Net
example_args = (torch.randn(2, 8))  #~ invalid-input `torch.randn(2, 8)`: tuple
