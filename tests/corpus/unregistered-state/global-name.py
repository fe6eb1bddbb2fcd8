"""Rebinds a module-level name to a tensor of the call."""

import torch
from torch import nn

LAST_LOSS = None


class Loss(nn.Module):
    def forward(self, prediction, target):
        global LAST_LOSS
        LAST_LOSS = (prediction - target).square().mean()  #~ unregistered-state `LAST_LOSS`
        return LAST_LOSS * 2


model = Loss()
example_args = (torch.randn(4), torch.randn(4))
