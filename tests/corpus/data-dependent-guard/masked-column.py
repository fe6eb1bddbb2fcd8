"""Clears the column that an input names."""

import torch
from torch import nn


class Ablation(nn.Module):
    def __init__(self, features=4):
        super().__init__()
        self.head = nn.Linear(features, 2)

    def forward(self, x, column):
        kept = x.clone()
        kept[:, column] = 0.0  #~ data-dependent-guard [torch<2.14] `kept[:, column]`: reshape(1) #~ decomposition-error [torch>=2.14] `kept[:, column]`
        return self.head(kept)


model = Ablation
example_args = (torch.randn(5, 4), torch.tensor(2))
