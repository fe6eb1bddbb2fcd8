"""Leaves torch for numpy in the middle of the model."""

import numpy as np
import torch
from torch import nn


class Percentile(nn.Module):
    def forward(self, x):
        values = x.detach().cpu().numpy()  #~ unsupported-operator (non-strict) `x.detach().cpu().numpy()`
        threshold = np.percentile(values, 90)
        return x * (x > float(threshold))


model = Percentile()
example_args = (torch.randn(16),)
