"""Selected rows are padded to a fixed length instead of being counted."""

import torch
from torch import nn


class TopBoxes(nn.Module):
    def __init__(self, keep=4):
        super().__init__()
        self.keep = keep

    def forward(self, boxes, scores):
        masked = scores.masked_fill(scores < 0.5, -1.0)
        best, order = masked.topk(self.keep)
        chosen = boxes.gather(0, order[:, None].expand(-1, boxes.shape[1]))
        return torch.where(best[:, None] > 0, chosen, torch.zeros_like(chosen)), (best > 0).sum()


model = TopBoxes()
example_args = (torch.randn(6, 4), torch.rand(6))
