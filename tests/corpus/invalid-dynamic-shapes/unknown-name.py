"""The spec names an argument that forward does not have."""

import torch
from torch import nn
from torch.export import Dim


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 2)

    def forward(self, features):
        return self.fc(features)


model = Net
example_args = (torch.randn(4, 8),)
dynamic_shapes = {"inputs": {0: Dim("batch")}}  #~ invalid-dynamic-shapes `"inputs"`: inputs
