"""Updates a global tensor and an attribute in a submodule in place."""

import torch
from torch import nn


SEEN = torch.zeros(3)


class Track(nn.Module):
    def __init__(self):
        super().__init__()
        self.mean = torch.zeros(3)

    def forward(self, x):
        self.mean.lerp_(x, 0.1)  #~ unregistered-state `self.mean.lerp_(x, 0.1)`
        return x - self.mean


class Normalise(nn.Module):
    def __init__(self):
        super().__init__()
        self.track = Track()

    def forward(self, x):
        SEEN.add_(x)  #~ unregistered-state `SEEN.add_(x)`
        return self.track(x)


model = Normalise()
example_args = (torch.randn(3),)
