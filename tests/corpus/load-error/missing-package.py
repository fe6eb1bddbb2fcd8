"""Imports an attention package that is not installed."""

import torch
from torch import nn

import fused_window_attention as fwa  #~ load-error `import fused_window_attention as fwa`: fused_window_attention


class Block(nn.Module):
    def forward(self, x):
        return fwa.attend(x, x, x)


model = Block
example_args = (torch.randn(2, 8, 16),)
