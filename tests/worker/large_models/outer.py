"""A result of ninety gigabytes from inputs of less than one megabyte."""

import torch
from torch import nn


class Model(nn.Module):
    def forward(self, x):
        return ((x[:, None] - x[None, :]) ** 2).sum()


def get_inputs():
    return [torch.rand(150000)]


def get_init_inputs():
    return []
