"""A small detector: a box and a score for every cell of a feature map, the best ones kept."""

from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Detections:
    boxes: torch.Tensor
    scores: torch.Tensor


class Detector(nn.Module):
    def __init__(self, keep: int = 10):
        super().__init__()
        self.keep = keep
        self.backbone = nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 5, 3, stride=2, padding=1),
        )

    def forward(self, image: torch.Tensor) -> Detections:
        if image.max() > 1:
            image = image / 255
        cells = self.backbone(image).flatten(2).transpose(1, 2)
        scores, best = cells[..., 4].sigmoid().topk(self.keep, dim=1)
        boxes = cells[..., :4].gather(1, best[..., None].expand(-1, -1, 4))
        return Detections(boxes, scores)


model = Detector
example_args = (torch.rand(2, 3, 64, 64),)
