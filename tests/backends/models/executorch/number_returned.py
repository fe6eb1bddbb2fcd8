"""A number among the outputs, which ExecuTorch keeps."""

import torch
from torch import nn


class WithStride(nn.Module):
    def forward(self, x):
        return x.cumsum(-1)[..., ::2], 2


model = WithStride()
example_args = (torch.randn(2, 9),)
