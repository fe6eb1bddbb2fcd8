"""A target that is shifted by one has its own name instead of a derived dimension."""

import torch
from torch import nn
from torch.export import Dim


class NextToken(nn.Module):
    def forward(self, logits, tokens):
        gap = logits - tokens[1:]  #~ constraint-violation `logits - tokens[1:]`
        return gap.square().mean()


model = NextToken()
example_args = (torch.randn(5), torch.randn(6))
dynamic_shapes = {
    "logits": {0: Dim("positions", min=2, max=64)},
    "tokens": {0: Dim("tokens", min=2, max=64)},
}
