"""Formats a tensor's value into a message for the log."""

import logging

import torch
from torch import nn

log = logging.getLogger(__name__)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        y = self.fc(x)
        log.info(f"mean {y.mean():.2f}")  #~ unsupported-operator (non-strict) `f"mean {y.mean():.2f}"`
        return y


model = Net
example_args = (torch.randn(2, 4),)
