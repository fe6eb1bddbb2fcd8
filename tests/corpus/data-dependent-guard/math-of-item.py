"""math.exp of a number read from a tensor."""

import math

import torch
from torch import nn


class Temperature(nn.Module):
    def __init__(self):
        super().__init__()
        self.log_temperature = nn.Parameter(torch.tensor(0.1))

    def forward(self, logits):
        temperature = math.exp(self.log_temperature.item())  #~ data-dependent-guard `math.exp(self.log_temperature.item())`
        return (logits / temperature).softmax(-1)


model = Temperature
example_args = (torch.randn(2, 5),)
