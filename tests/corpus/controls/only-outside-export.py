"""Checks and timing that are skipped while exporting."""

import time

import torch
from torch import nn


class Careful(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.seconds = 0.0

    def forward(self, x):
        if not torch.compiler.is_exporting():
            if torch.isnan(x).any():
                raise ValueError("not a number")
            start = time.perf_counter()
        y = self.fc(x)
        if not torch.compiler.is_compiling():
            print("mean", y.mean().item())
            self.seconds += time.perf_counter() - start
        return y


model = Careful
example_args = (torch.randn(2, 4),)
