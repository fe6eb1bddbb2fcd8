"""Loops over static lists with zip, enumerate, reversed, generators, any, min, max and sorted."""

import torch
from torch import nn


class Pyramid(nn.Module):
    def __init__(self, widths=(4, 8, 16)):
        super().__init__()
        self.widths = list(widths)
        self.stages = nn.ModuleList(nn.Linear(4, width) for width in widths)

    def sizes(self):
        for index, width in enumerate(self.widths):
            if width > 4:
                yield index, width

    def forward(self, x):
        outputs = [stage(x) for stage in self.stages]
        if any(out.shape[-1] > 100 for out in outputs) or min(self.widths) < 1:
            raise ValueError("too wide")
        outputs = sorted(outputs, key=lambda out: -out.shape[-1])
        total = sum(outputs[index].sum() for index, _ in self.sizes())
        for left, right in zip(outputs, reversed(self.widths), strict=True):
            total = total + left.mean() / right
        return total, max(out.shape[-1] for out in outputs)


model = Pyramid
example_args = (torch.randn(2, 4),)
