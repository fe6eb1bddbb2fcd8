"""Adds noise that numpy draws."""

import numpy as np
import torch
from torch import nn

class Noisy(nn.Module):
    def forward(self, x):
        noise = np.random.randn(4).astype("float32")  #~ numerics-mismatch (non-strict) `np.random.randn(4)`
        return x + torch.from_numpy(noise)


model = Noisy()
example_args = (torch.randn(4),)
