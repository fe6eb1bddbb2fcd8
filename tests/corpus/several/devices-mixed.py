"""Mixes two devices, which eager does not do either: the guards behind it are never reached."""

import torch
from torch import nn


class Shift(nn.Module):
    def forward(self, x):
        return x + torch.ones(4, device="meta")  #~ forward-error `x + torch.ones(4, device="meta")`


class Gate(nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x
        return -x


model = nn.Sequential(nn.Linear(4, 4), Shift(), Gate())
example_args = (torch.randn(2, 4),)
