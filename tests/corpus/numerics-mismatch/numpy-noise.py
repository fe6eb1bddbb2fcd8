"""Draws noise with numpy, which is a constant in the exported program."""

import numpy as np
import torch
from torch import nn


class Noisy(nn.Module):
    def forward(self, x):
        scale = float(np.random.rand())  #~ data-dependent-guard (strict) `np.random.rand()`
        return x.relu() + scale  #~ numerics-mismatch (non-strict) `x.relu() + scale`


model = Noisy()
example_args = (torch.randn(4),)
