"""A parameter is read through `.data`, of which export makes a constant without values."""

import torch
from torch import nn


class CosineClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(7, 5))

    def forward(self, features):
        frozen = nn.functional.normalize(self.weight.data, dim=-1)  #~ unregistered-state `self.weight.data`
        return nn.functional.normalize(features, dim=-1) @ frozen.t()


model = CosineClassifier()
example_args = (torch.randn(2, 5),)
