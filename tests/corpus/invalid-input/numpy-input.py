"""One of the inputs is a numpy array."""

import numpy as np
import torch
from torch import nn


class Shift(nn.Module):
    def forward(self, x, offset):
        return x + torch.as_tensor(offset)


model = Shift()
example_args = (torch.randn(3), np.zeros(3, dtype=np.float32))  #~ invalid-input `np.zeros(3, dtype=np.float32)`
