"""A running mean is kept by assigning to `.data`."""

import torch
from torch import nn


class Whitening(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(4))

    def forward(self, x):
        batch_mean = x.detach().mean(0)
        self.mean.data = 0.9 * self.mean + 0.1 * batch_mean  #~ unregistered-state (non-strict) `self.mean.data` #~ serialization-error (strict) [torch<2.14] `self.mean.data` #~ decomposition-error (strict) [torch>=2.14] `self.mean.data`
        return x - self.mean


model = Whitening()
example_args = (torch.randn(6, 4),)
