"""A branch of torch.cond changes a buffer in place."""

import torch
from torch import nn


class Counted(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("count", torch.zeros(1))

    def forward(self, x):
        def positive(x):
            self.count.add_(1)
            return x + 1

        def negative(x):
            return x - 1

        return torch.cond(x.sum() > 0, positive, negative, (x,))  #~ graph-break [torch>2.6] `torch.cond(x.sum() > 0, positive, negative, (x,))`


model = Counted
example_args = (torch.randn(3, 4),)
