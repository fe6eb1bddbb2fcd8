"""Registers its output class for export but not for saving."""

from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Detections:
    boxes: torch.Tensor
    scores: torch.Tensor


torch.export.register_dataclass(Detections)


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(8, 5)

    def forward(self, x):
        out = self.head(x)
        return Detections(out[:, :4], out[:, 4])  #~ serialization-error `Detections(out[:, :4], out[:, 4])`: serialized_type_name


model = Detector
example_args = (torch.randn(2, 8),)
