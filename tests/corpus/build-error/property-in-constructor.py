"""A property that the constructor reads divides by a list's length."""

import torch
from torch import nn


class Mixer(nn.Module):
    def __init__(self, widths=()):
        super().__init__()
        self.widths = list(widths)
        self.fc = nn.Linear(8, self.mean_width)

    @property
    def mean_width(self):
        return sum(self.widths) // len(self.widths)  #~ build-error `sum(self.widths) // len(self.widths)`

    def forward(self, x):
        return self.fc(x)


model = Mixer
example_args = (torch.randn(2, 8),)
