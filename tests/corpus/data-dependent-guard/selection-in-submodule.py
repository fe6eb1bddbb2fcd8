"""An nn.ModuleList of stages, one of which tests the size of a selection inside a nested call."""

import torch
from torch import nn


class Suppress(nn.Module):
    def __init__(self, threshold):
        super().__init__()
        self.threshold = threshold

    def forward(self, boxes):
        kept = boxes[boxes[:, 4] > self.threshold]
        return self.finish(kept)

    def finish(self, kept):
        scores = kept[:, 4]
        best = (
            scores.max()
            if scores.size(0) > 0  #~ data-dependent-guard `scores.size(0) > 0`
            else scores.new_zeros(())
        )
        return best


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.stages = nn.ModuleList([nn.Linear(5, 5), Suppress(0.0)])

    def forward(self, boxes):
        for stage in self.stages:
            boxes = stage(boxes)
        return boxes


model = Detector
example_args = (torch.randn(6, 5),)
