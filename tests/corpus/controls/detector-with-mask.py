"""A detector that masks what it drops, so that nothing has to be counted."""

import torch
from torch import nn


class Detector(nn.Module):
    def __init__(self, threshold=0.5):
        super().__init__()
        self.threshold = threshold
        self.box = nn.Linear(8, 4)
        self.score = nn.Linear(8, 1)

    def forward(self, features):
        scores = self.score(features)[:, 0].sigmoid()
        kept = scores > self.threshold
        boxes = torch.where(kept[:, None], self.box(features), 0.0)
        distance = torch.cdist(boxes, boxes)
        return boxes, distance.masked_fill(~kept, 0.0).amax(), kept


model = Detector
example_args = (torch.randn(6, 8),)
