"""A custom operator without a fake kernel."""

import torch
from torch import nn


@torch.library.custom_op("corpus::soft_round", mutates_args=())
def soft_round(x: torch.Tensor, sharpness: float) -> torch.Tensor:
    return x.round() + (x - x.round()).tanh() / sharpness


class Quantise(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        h = self.fc(x)
        return soft_round(h, 4.0)  #~ unsupported-operator `soft_round(h, 4.0)`


model = Quantise
example_args = (torch.randn(2, 8),)
