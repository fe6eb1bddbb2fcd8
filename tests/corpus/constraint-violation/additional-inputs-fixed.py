"""The additional example has a size that the code does not take."""

import torch
from torch import nn
from torch.export import AdditionalInputs


class Shift(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("offset", torch.randn(3, 4))

    def forward(self, x):
        return x + self.offset  #~ constraint-violation `x + self.offset`


model = Shift
example_args = (torch.randn(3, 4),)
dynamic_shapes = AdditionalInputs()
dynamic_shapes.add((torch.randn(5, 4),))
