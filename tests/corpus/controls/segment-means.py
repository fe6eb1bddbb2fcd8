"""Means of segments by index_add, without a loop over their lengths."""

import torch
from torch import nn


class SegmentMeans(nn.Module):
    def __init__(self, segments=3):
        super().__init__()
        self.segments = segments

    def forward(self, frames, owner):
        sums = frames.new_zeros(self.segments, frames.shape[1]).index_add(0, owner, frames)
        counts = torch.bincount(owner, minlength=self.segments)[: self.segments]
        return sums / counts.clamp(min=1)[:, None]


model = SegmentMeans
example_args = (torch.randn(6, 4), torch.tensor([0, 0, 1, 2, 2, 2]))
