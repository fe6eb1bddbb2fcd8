"""A number from data is kept between two limits by branches."""

import torch
from torch import nn


class PeakWindow(nn.Module):
    def __init__(self, shortest=2, longest=6):
        super().__init__()
        self.shortest = shortest
        self.longest = longest

    def forward(self, signal):
        end = signal.abs().argmax().item()
        if end > self.longest:  #~ data-dependent-guard `end > self.longest`: `min`, `max`
            end = self.longest
        elif end < self.shortest:  #~ data-dependent-guard `end < self.shortest`: branch
            end = self.shortest
        return signal[:end].mean()


model = PeakWindow()
example_args = (torch.tensor([0.1, 0.2, 0.3, -4.0, 0.5, 0.1, 0.2, 0.3, 0.1]),)
