"""Holds a lock while it computes."""

import threading

import torch
from torch import nn


class Locked(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        with LOCK:  #~ graph-break (strict) `LOCK`
            return self.fc(x)


LOCK = threading.Lock()
model = Locked
example_args = (torch.randn(2, 4),)
