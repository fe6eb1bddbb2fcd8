"""Two functions given to torch.cond change a buffer or return their input; both places are told."""

import torch
from torch import nn


class Adaptive(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("hits", torch.zeros(()))

    def forward(self, x):
        def count(x):
            self.hits.add_(1)
            return x / self.hits

        def shrink(x):
            return x * 0.5

        y = torch.cond(x.sum() > 0, count, shrink, (x,))  #~ graph-break [torch>2.6] `torch.cond(x.sum() > 0, count, shrink, (x,))`
        return torch.cond(y.amax() > 1, shrink, lambda y: y, (y,))  #~ graph-break [torch>2.6] `y`: copy #~ decomposition-error [torch<=2.6] `torch.cond(y.amax() > 1, shrink, lambda y: y, (y,))`


model = Adaptive()
example_args = (torch.randn(4),)
