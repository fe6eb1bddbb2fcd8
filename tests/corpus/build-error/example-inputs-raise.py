"""The callable that makes the example inputs raises: 6 numbers do not fit 4 x 4."""

import torch
from torch import nn


class Mixer(nn.Module):
    def __init__(self):
        super().__init__()
        self.mix = nn.Linear(4, 4)

    def forward(self, x):
        return self.mix(x).transpose(0, 1)


def example_args():
    grid = torch.arange(6.0).reshape(4, 4)  #~ build-error `torch.arange(6.0).reshape(4, 4)`
    return (grid,)


model = Mixer
