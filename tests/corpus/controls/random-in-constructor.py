"""Python and numpy draw numbers in the constructor, torch draws in forward."""

import random

import numpy as np
import torch
from torch import nn

class Augment(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = random.uniform(0.5, 1.5)
        self.shift = float(np.random.rand())

    def forward(self, x):
        return x * self.scale + self.shift + torch.rand(3) + torch.randn_like(x)


model = Augment
example_args = (torch.randn(3),)
