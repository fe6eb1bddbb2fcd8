"""Goes through NumPy and back, then branches on data, and hashes a name at the end."""

import zlib

import numpy as np
import torch
from torch import nn


class Smooth(nn.Module):
    def forward(self, x):
        rows = x.detach().cpu().numpy()  #~ unsupported-operator (non-strict) `x.detach().cpu().numpy()`
        return torch.as_tensor(np.clip(rows, -1.0, 1.0))


class Net(nn.Module):
    def __init__(self, name="smooth"):
        super().__init__()
        self.name = name
        self.smooth = Smooth()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        y = self.smooth(x)
        spread = np.exp(y)  #~ unsupported-operator (non-strict) `np.exp(y)`
        if y.mean() > 0.9:  #~ data-dependent-branch `y.mean() > 0.9`
            y = y - 1
        slot = zlib.crc32(self.name.encode()) % 4  #~ graph-break (strict) `zlib.crc32(self.name.encode())`
        return self.fc(y)[:, slot] * spread.mean()


model = Net
example_args = (torch.randn(3, 4),)
