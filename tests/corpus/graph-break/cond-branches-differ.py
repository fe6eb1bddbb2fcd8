"""One branch of torch.cond returns a tensor, the other a pair."""

import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):  #~ graph-break (strict) [torch<=2.6] `def forward(self, x): …`
        def large(x):
            return x / 2

        def small(x):
            return x + 1, x - 1

        return torch.cond(x.sum() > 9, large, small, (x,))  #~ graph-break [torch>2.6] `torch.cond(x.sum() > 9, large, small, (x,))`  #~ graph-break (non-strict) [torch<=2.6] `torch.cond(x.sum() > 9, large, small, (x,))`


model = Net()
example_args = (torch.randn(2, 4),)
