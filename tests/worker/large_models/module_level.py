"""Example inputs of six gigabytes, created when the file is imported."""

import torch
from torch import nn
from torch.export import Dim


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4096, 4096)

    def forward(self, x):
        return self.fc(torch.relu(x)).softmax(-1)


model = Net()
example_args = (torch.randn(400000, 4096),)
dynamic_shapes = {"x": {0: Dim("batch")}}
