"""A script with a guarded main block, and a target beside it."""

import torch
from torch import nn


class Regressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))

    def forward(self, x):
        return self.net(x).squeeze(-1)


model = Regressor
example_args = (torch.randn(2, 4),)

if __name__ == "__main__":
    raise SystemExit("this must not run when the file is checked")
