"""Splits the rows among experts by counts turned into a Python list of unknown length."""

import torch
from torch import nn


class Dispatch(nn.Module):
    def __init__(self, num_experts=3):
        super().__init__()
        self.experts = nn.ModuleList(nn.Linear(4, 4) for _ in range(num_experts))

    def forward(self, x, owner):
        counts = owner.bincount(minlength=len(self.experts)).tolist()  #~ data-dependent-guard [torch>2.6] `owner.bincount(minlength=len(self.experts)).tolist()`  #~ unsupported-operator [torch<=2.6] `owner.bincount(minlength=len(self.experts))`
        gains = torch.tensor([1.0, 0.5, 0.25])
        return x * gains[: len(counts)].sum()


model = Dispatch
example_args = (torch.randn(6, 4), torch.tensor([0, 0, 1, 2, 2, 2]))
