"""Library losses and metrics that look at labels, with a fixed number of classes."""

import torch
import torch.nn.functional as F
from torch import nn


class Metrics(nn.Module):
    def forward(self, logits, labels):
        one_hot = F.one_hot(labels, num_classes=5).to(logits.dtype)
        dice = 1 - 2 * (logits.softmax(-1) * one_hot).sum() / (logits.shape[0] + one_hot.sum())
        accuracy = (logits.argmax(-1) == labels).float().mean()
        return dice + F.cross_entropy(logits, labels, label_smoothing=0.1), accuracy


model = Metrics()
example_args = (torch.randn(4, 5), torch.tensor([0, 4, 2, 2]))
