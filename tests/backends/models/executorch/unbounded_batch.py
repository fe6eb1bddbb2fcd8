"""A batch without a largest size, for which ExecuTorch plans the memory of the example's."""

import torch
from torch import nn
from torch.export import Dim


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(4, 2)

    def forward(self, x):
        return self.lin(x).relu()  #~ backend-mismatch `self.lin(x).relu()`: on inputs with `batch` = 4


model = Net()
example_args = (torch.randn(3, 4),)
dynamic_shapes = {"x": {0: Dim("batch")}}
