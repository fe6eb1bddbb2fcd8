"""get_inputs indexes past the end of its list of sizes."""

import torch
import torch.nn as nn


class Model(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, width)

    def forward(self, x):
        return torch.relu(self.fc(x))


SIZES = [4, 16]


def get_inputs():
    return [torch.rand(SIZES[0], SIZES[2])]  #~ build-error `SIZES[2]`


def get_init_inputs():
    return [16]
