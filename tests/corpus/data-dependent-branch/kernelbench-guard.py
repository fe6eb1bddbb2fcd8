"""The Model / get_inputs convention, with a check for an empty mask."""

import torch
import torch.nn as nn


class Model(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, width)

    def forward(self, x, mask):
        if mask.sum() == 0:  #~ data-dependent-branch `mask.sum() == 0`
            return x
        return self.fc(x) * mask.unsqueeze(-1)


def get_inputs():
    return [torch.rand(4, 8), torch.ones(4)]


def get_init_inputs():
    return [8]
