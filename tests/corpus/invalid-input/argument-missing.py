"""forward takes a tensor and a mask; only the tensor is given."""

import torch
from torch import nn


class MaskedMean(nn.Module):
    def forward(self, x, mask):
        return (x * mask).sum(-1) / mask.sum(-1)


model = MaskedMean()
example_args = (torch.randn(2, 8),)  #~ invalid-input `(torch.randn(2, 8),)`: mask
