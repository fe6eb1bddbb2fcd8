"""Two independent guards on data in one forward."""

import torch
from torch import nn


class BoxFilter(nn.Module):
    def forward(self, boxes, scores, limit):
        kept = boxes[scores > 0.5]
        if kept.shape[0] == 0:  #~ data-dependent-guard `kept.shape[0] == 0`
            return boxes[:1]
        n = limit.item()
        if kept.shape[0] > n:  #~ data-dependent-guard `kept.shape[0] > n`
            kept = kept[:n]
        return kept * 2


model = BoxFilter
example_args = (torch.randn(5, 4), torch.tensor([0.9, 0.1, 0.8, 0.7, 0.6]), torch.tensor(3))
