"""A buffer of ten gigabytes, and a mask of four on the model."""

import torch
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("table", torch.zeros(20_000_000, 128))
        self.mask = torch.ones(65536, 65536, dtype=torch.bool).tril()

    def forward(self, ids):
        return self.table[ids].sum(-1)


def get_inputs():
    return [torch.randint(0, 1000, (64, 65536))]


def get_init_inputs():
    return []
