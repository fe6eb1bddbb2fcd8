"""torch.equal compares two tensors and hands back a Python bool."""

import torch
from torch import nn


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.tower = nn.Linear(8, 4)

    def forward(self, a, b):
        if torch.equal(a, b):  #~ data-dependent-branch `torch.equal(a, b)`
            return torch.zeros(a.shape[0])
        return (self.tower(a) - self.tower(b)).norm(dim=-1)


model = Siamese
example_args = (torch.randn(2, 8), torch.randn(2, 8))
