"""The number of chunks comes from a tensor."""

import torch
from torch import nn


class Chunker(nn.Module):
    def forward(self, x, parts):
        n = parts.item()
        pieces = x.chunk(n)  #~ data-dependent-guard `x.chunk(n)`
        return pieces[0]


model = Chunker
example_args = (torch.randn(8, 4), torch.tensor(2))
