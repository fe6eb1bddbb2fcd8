"""A Python number among the outputs."""

import torch
from torch import nn


class WithStride(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(2, 2, 3, stride=2)

    def forward(self, x):
        return self.conv(x), 2  #~ backend-unsupported `self.conv(x), 2`: The model returns `2`


model = WithStride()
example_args = (torch.randn(1, 2, 9),)
