"""Constant tensors kept as plain attributes, in a closure and in a global are only read."""

import torch
from torch import nn

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)


class Normalise(nn.Module):
    def __init__(self):
        super().__init__()
        self.std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
        self.conv = nn.Conv2d(3, 4, 1)

    def forward(self, image):
        gain = torch.tensor([1.0, 0.5, 1.0, 0.5]).view(4, 1, 1)
        return self.conv((image - MEAN) / self.std) * gain  #~ graph-break (strict) [torch<=2.6] `self.conv((image - MEAN) / self.std) * gain`


model = Normalise
example_args = (torch.rand(1, 3, 4, 4),)
