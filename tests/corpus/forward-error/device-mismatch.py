"""A buffer is on the meta device, the input on the CPU."""

import torch
from torch import nn


class Biased(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("bias", torch.zeros(4, device="meta"))

    def forward(self, x):
        return x + self.bias  #~ forward-error `x + self.bias`


model = Biased
example_args = (torch.randn(2, 4),)
