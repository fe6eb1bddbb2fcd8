"""Turns tensors and memory into text for a report: what only prints is fine."""

import io
import sys

import torch
from torch import nn


class Reporter(nn.Module):
    def forward(self, x):
        print("activations", x.shape)
        sink = io.StringIO()  #~ graph-break (strict) `io.StringIO()`
        line = f"{x.shape}: {x}"
        return line, sink


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.report = Reporter()

    def forward(self, x):
        y = self.fc(x)
        self.report(y)
        text = repr(y)  #~ graph-break (strict) `repr(y)`
        size = sys.getsizeof(y)  #~ graph-break (strict) `sys.getsizeof(y)`
        values = y.tolist()  #~ graph-break (strict) `y.tolist()`
        return y * min(len(text), 1) * min(size, 1), torch.ones(len(values))


model = Net
example_args = (torch.randn(2, 4),)
