"""A branch on inputs of six gigabytes: no values decide it."""

import torch
from torch import nn


class Model(nn.Module):
    def forward(self, x):
        if x.mean() > 0:  #~ data-dependent-branch `x.mean() > 0`
            return x + 1
        return x - 1


def get_inputs():
    return [torch.rand(4096, 393216)]


def get_init_inputs():
    return []
