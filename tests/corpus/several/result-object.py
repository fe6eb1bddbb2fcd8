"""Branches on data in its helpers and returns an object that export cannot look into."""

import torch
from torch import nn


class Detections:
    def __init__(self, boxes, scores):
        self.boxes = boxes
        self.scores = scores


def best_of(scores):
    return scores.argmax().item()


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.box = nn.Linear(8, 4)
        self.score = nn.Linear(8, 1)

    def forward(self, x):
        scores = self.score(x)[:, 0]
        boxes = self.box(x)
        best = best_of(scores)
        if best < 100:  #~ data-dependent-guard `best < 100`
            boxes = boxes + 1
        while scores.max() > 1e3:  #~ data-dependent-branch `scores.max() > 1e3`
            scores = scores / 10
        return Detections(boxes, scores)  #~ unsupported-output `Detections(boxes, scores)`: Detections


model = Detector
example_args = (torch.randn(5, 8),)
