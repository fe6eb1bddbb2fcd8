"""Takes a lock, forks the random state and opens a file as context managers."""

import os
import threading

import torch
from torch import nn


class Shared(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.fc = nn.Linear(width, width)

    def forward(self, x):
        with LOCK:  #~ graph-break (strict) `LOCK`
            return self.fc(x)


class Logged(nn.Module):
    def forward(self, x):
        with open(os.devnull) as sink:  #~ graph-break (strict) `open(os.devnull)`
            return x * 2 if sink.readable() else x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.shared = Shared()
        self.logged = Logged()

    def forward(self, x):
        h = self.shared(x)
        with torch.random.fork_rng(devices=[]):  #~ graph-break (strict) `torch.random.fork_rng(devices=[])`
            h = h.relu()
        owner = threading.get_ident()  #~ graph-break (strict) `threading.get_ident()`
        return self.logged(h) if owner else h


LOCK = threading.Lock()
model = Net
example_args = (torch.randn(2, 4),)
