"""A conditional expression on the bare size of a selection."""

import torch
from torch import nn


class Words(nn.Module):
    def forward(self, hidden, mask):
        words = hidden[mask]
        return words.mean(0) if words.size(0) else hidden.mean(0)  #~ data-dependent-guard `words.size(0)`


model = Words()
example_args = (torch.randn(4, 3), torch.tensor([True, False, True, True]))
