"""A loss that looks at its mask in four ways: `any`, `min`, `sorted` and a filter."""

import torch
import torch.nn.functional as F
from torch import nn


class Hardest(nn.Module):
    def forward(self, losses):
        worst = sorted(losses.unbind(0), key=lambda loss: -loss.mean())  #~ data-dependent-branch `sorted(losses.unbind(0), key=lambda loss: -loss.mean())`
        return torch.stack(worst[:2]).mean()


class SegmentationLoss(nn.Module):
    def __init__(self, ignore=-1):
        super().__init__()
        self.ignore = ignore
        self.hardest = Hardest()

    def forward(self, logits, target):
        valid = target != self.ignore
        if not valid.any():  #~ data-dependent-branch `not valid.any()`
            return logits.sum() * 0
        losses = F.cross_entropy(logits, target, ignore_index=self.ignore, reduction="none")
        empty = [rows for rows in valid.unbind(0) if rows.sum() == 0]  #~ data-dependent-branch `rows.sum() == 0`
        smallest = min(losses.mean(), losses.amax())
        penalty = 1.0 if any(row.max() > 9 for row in losses.unbind(0)) else 0.5  #~ data-dependent-branch `any(row.max() > 9 for row in losses.unbind(0))`
        return self.hardest(losses) * penalty + smallest + len(empty)


model = SegmentationLoss
example_args = (torch.randn(3, 4, 5), torch.randint(0, 4, (3, 5)))
