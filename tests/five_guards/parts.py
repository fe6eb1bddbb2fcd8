"""Submodules with guards on data; each comment before one is its repair."""

import torch
from torch import nn


class Gate(nn.Module):
    def forward(self, x, keep):
        kept = x[keep]
        # torch._check(kept.shape[0] != 0)
        if kept.shape[0] == 0:  #~ data-dependent-guard `kept.shape[0] == 0`: kept
            raise ValueError("no row is kept")
        return x + kept.mean(0)


class Experts(nn.Module):
    def __init__(self, width, count):
        super().__init__()
        self.experts = nn.ModuleList(nn.Linear(width, width) for _ in range(count))

    def forward(self, x, choice):
        out = torch.zeros_like(x)
        for index, expert in enumerate(self.experts):
            rows = (choice == index).nonzero().squeeze(-1)
            # torch._check(rows.shape[0] != 0)
            if rows.shape[0] == 0:  #~ data-dependent-guard `rows.shape[0] == 0`: rows
                raise ValueError("an expert is not chosen")
            out = out.index_add(0, rows, expert(x[rows]))
        return out


class Crop(nn.Module):
    def __init__(self, limit):
        super().__init__()
        self.limit = limit

    def forward(self, x, length):
        n = length.item()
        # torch._check(n <= self.limit)
        if n > self.limit:  #~ data-dependent-guard `n > self.limit`: n
            raise ValueError("the sequence is too long")
        return x * (torch.arange(x.shape[0]) < n).unsqueeze(-1)
