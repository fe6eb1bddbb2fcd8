"""Calls torch._dynamo.graph_break()."""

import torch
import torch._dynamo
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        h = self.fc(x)
        torch._dynamo.graph_break()  #~ graph-break (strict) `torch._dynamo.graph_break()`
        return h.relu()


model = Net
example_args = (torch.randn(2, 8),)
