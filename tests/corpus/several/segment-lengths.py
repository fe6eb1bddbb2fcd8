"""Meets one guard many times in a loop, and others before and after it."""

import torch
from torch import nn


def pad_to(rows, length):
    missing = length - rows.shape[0]
    if missing > 0:  #~ data-dependent-guard `missing > 0`
        rows = torch.cat([rows, rows.new_zeros(missing, rows.shape[1])])
    return rows


class Segments(nn.Module):
    def forward(self, frames, lengths, total):
        assert lengths.sum() == frames.shape[0], "lengths do not cover the frames"  #~ data-dependent-branch (non-strict) `lengths.sum() == frames.shape[0]`
        means = []
        for i in range(lengths.shape[0]):
            n = lengths[i].item()
            if n == 0:  #~ data-dependent-guard `n == 0`
                means.append(frames.new_zeros(frames.shape[1]))
            else:
                means.append(frames.mean(0) / n)
        return torch.stack(means), pad_to(frames, total.item())


model = Segments()
example_args = (torch.randn(12, 4), torch.tensor([2, 3, 1, 2, 1, 1, 1, 1]), torch.tensor(10))
