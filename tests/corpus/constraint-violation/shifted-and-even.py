"""A length is one more than another and has to be even."""

import torch
from torch import nn
from torch.export import Dim

class Pairs(nn.Module):
    def forward(self, tokens, targets):
        gap = tokens[1:] - targets  #~ constraint-violation `tokens[1:] - targets`: Derive one Dim
        return gap.sum(), tokens.view(-1, 2).sum(1)  #~ constraint-violation `tokens.view(-1, 2)`


model = Pairs()
example_args = (torch.randn(6), torch.randn(5))
dynamic_shapes = {
    "tokens": {0: Dim("tokens", min=2, max=64)},
    "targets": {0: Dim("targets", min=2, max=64)},
}
