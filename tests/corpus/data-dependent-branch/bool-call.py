"""bool() of a tensor in a property that the forward reads."""

import torch
from torch import nn


class Quantiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("calibrated", torch.tensor(True))
        self.register_buffer("scale", torch.tensor(0.1))

    @property
    def ready(self):
        return bool(self.calibrated)  #~ data-dependent-branch (non-strict) [torch>2.6] `bool(self.calibrated)`  #~ data-dependent-branch [torch<=2.6] `bool(self.calibrated)`

    def forward(self, x):
        if not self.ready:  #~ data-dependent-branch (strict) [torch>2.6] `not self.ready`
            return x
        return torch.round(x / self.scale) * self.scale


model = Quantiser
example_args = (torch.randn(2, 8),)
