"""A selection is cut to a length that it may not have."""

import torch
from torch import nn


class Best(nn.Module):
    def __init__(self, most=3):
        super().__init__()
        self.most = most

    def forward(self, boxes, scores):
        kept = boxes[scores > 0.5][: self.most]
        return kept.sum(0) / max(kept.shape[0], 1)


model = Best()
example_args = (torch.rand(6, 4), torch.tensor([0.9, 0.1, 0.8, 0.7, 0.2, 0.6]))
