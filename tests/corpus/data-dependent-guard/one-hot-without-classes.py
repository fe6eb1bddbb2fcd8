"""one_hot has to look for the largest label, since the number of classes is not given."""

import torch
import torch.nn.functional as F
from torch import nn


class LabelSmoother(nn.Module):
    def forward(self, labels):
        target = F.one_hot(labels)  #~ data-dependent-guard `F.one_hot(labels)`: num_classes
        return target.float() * 0.9 + 0.1


model = LabelSmoother
example_args = (torch.tensor([0, 2, 1]),)
