"""The example's batch of 8 lies outside the range that was declared for it."""

import torch
from torch import nn
from torch.export import Dim


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(6, 2)

    def forward(self, x):
        return self.fc(x)


model = Net
example_args = (torch.randn(8, 6),)
dynamic_shapes = {"x": {0: Dim("batch", min=16, max=32)}}  #~ invalid-dynamic-shapes `Dim("batch", min=16, max=32)`
