"""A submodule is TorchScript, which export cannot look into."""

import torch
from torch import nn


class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x):
        return torch.sigmoid(self.linear(x)) * x


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = torch.jit.script(Gate())

    def forward(self, x):
        return self.gate(x) + x  #~ unsupported-operator (non-strict) [torch>2.6] `self.gate(x)`: torch.jit.script #~ graph-break (strict) `self.gate`


model = Block  #~ unsupported-operator (non-strict) [torch<=2.6] `Block`
example_args = (torch.randn(2, 4),)
