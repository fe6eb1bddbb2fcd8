"""The example's batch is 1, and export is left to decide whether it is dynamic."""

import torch
from torch import nn
from torch.export import Dim

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 2)

    def forward(self, x, mask):
        return self.fc(x * mask)


model = Net
example_args = (
    torch.randn(1, 8),  #~ specialization `torch.randn(1, 8)`: size 1 in dimension 0 of `x`
    torch.ones(1, 1),  #~ specialization `torch.ones(1, 1)`: size 1 in dimension 0 of `mask`
)
dynamic_shapes = {"x": {0: Dim.AUTO}, "mask": {0: Dim.AUTO}}
