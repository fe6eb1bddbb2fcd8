"""A list comprehension keeps the heads whose norm is large."""

import torch
from torch import nn


class HeadPruner(nn.Module):
    def forward(self, x):
        heads = x.unbind(1)
        kept = [head for head in heads if head.norm() > 0.1]  #~ data-dependent-branch `head.norm() > 0.1`
        return torch.stack(kept, 1)


model = HeadPruner
example_args = (torch.randn(2, 4, 8),)
