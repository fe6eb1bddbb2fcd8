"""Checks in an assertion that two integers from the data agree."""

import torch
from torch import nn


class Align(nn.Module):
    def forward(self, a, b, lengths):
        n, m = lengths.tolist()
        assert n == m, f"lengths differ: {n} and {m}"  #~ data-dependent-guard `n == m`
        return a[:n] + b[:m]


model = Align()
example_args = (torch.randn(5), torch.randn(5), torch.tensor([3, 3]))
