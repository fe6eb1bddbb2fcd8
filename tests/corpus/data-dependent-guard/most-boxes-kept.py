"""Cuts a selection only if it is longer than a limit: a slice needs no branch."""

import torch
from torch import nn


class Proposals(nn.Module):
    def __init__(self, most=5):
        super().__init__()
        self.most = most

    def forward(self, boxes, scores):
        kept = boxes[scores > 0]
        if kept.shape[0] > self.most:  #~ data-dependent-guard `kept.shape[0] > self.most`: depends
            kept = kept[: self.most]
        return kept.sum(0)


model = Proposals()
example_args = (torch.rand(8, 4), torch.tensor([1.0, -1, 2, -2, 3, -3, 4, -4]))
