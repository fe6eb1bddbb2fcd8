"""The second condition of an if/elif chain depends on data; the first is static."""

import torch
from torch import nn


class Scheduler(nn.Module):
    def __init__(self, mode="auto"):
        super().__init__()
        self.mode = mode

    def forward(self, x, step):
        if self.mode == "off":
            return x
        elif step % 2 == 0:  #~ data-dependent-branch `step % 2 == 0`
            return x * 0.5
        else:
            return x * 2


model = Scheduler
example_args = (torch.randn(3), torch.tensor(4))
