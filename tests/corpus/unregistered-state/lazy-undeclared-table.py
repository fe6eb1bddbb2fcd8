"""A table is made at the first call on an attribute that __init__ does not have."""

import torch
from torch import nn

class Rotary(nn.Module):
    def forward(self, x):
        if not hasattr(self, "angles"):
            self.angles = torch.arange(4.0) * 0.01  #~ unregistered-state (non-strict) `self.angles`: has no values
        return x * self.angles.cos()


model = Rotary()
example_args = (torch.randn(2, 4),)
