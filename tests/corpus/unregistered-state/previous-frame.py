"""An attribute that is read before it is written is state, though the first call finds None."""

import torch
from torch import nn


class Smoother(nn.Module):
    def __init__(self):
        super().__init__()
        self.previous = None
        self.scratch = None

    def forward(self, frame):
        self.scratch = frame * 0.5
        smooth = self.scratch if self.previous is None else self.scratch + self.previous
        self.previous = self.scratch * 2  #~ unregistered-state `self.previous`: buffer
        return smooth


model = Smoother()
example_args = (torch.randn(3, 4),)
