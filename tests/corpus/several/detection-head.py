"""A detector that filters, suppresses and labels its boxes with the sizes of what it found."""

import torch
import torch.nn.functional as F
from torch import nn


class Suppress(nn.Module):
    def __init__(self, overlap=0.5):
        super().__init__()
        self.overlap = overlap

    def forward(self, boxes, scores):
        order = scores.argsort(descending=True)
        kept = boxes[order][scores > 0.1]
        if kept.shape[0] == 0:  #~ data-dependent-guard `kept.shape[0] == 0`: kept
            return boxes[:1]
        distance = torch.cdist(kept, kept)
        if distance.max() > self.overlap:  #~ data-dependent-branch `distance.max() > self.overlap`
            kept = kept * self.overlap
        return kept.mean(0)


class DetectionHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.box = nn.Linear(8, 4)
        self.score = nn.Linear(8, 1)
        self.suppress = Suppress()

    def forward(self, features, labels):
        scores = self.score(features)[:, 0].sigmoid()
        best = self.suppress(self.box(features), scores)
        classes = F.one_hot(labels)  #~ data-dependent-guard `F.one_hot(labels)`: num_classes
        return best, classes


model = DetectionHead
example_args = (torch.randn(6, 8), torch.tensor([0, 2, 1, 1, 0, 2]))
