"""Returns a function that closes over a tensor."""

import torch
from torch import nn


class Kernel(nn.Module):
    def forward(self, x):
        scale = x.abs().amax()

        def apply(y):
            return y * scale

        return apply  #~ unsupported-output [torch>2.6] `apply`  #~ unsupported-output (non-strict) [torch<=2.6] `apply`  #~ graph-break (strict) [torch<=2.6] `apply`


model = Kernel()
example_args = (torch.randn(4),)
