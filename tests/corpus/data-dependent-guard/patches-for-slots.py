"""Raises unless a selection, which has no name, is as long as the features for it."""

import torch
from torch import nn


class Splice(nn.Module):
    def __init__(self, words=20, width=4, slot=19):
        super().__init__()
        self.words = nn.Embedding(words, width)
        self.slot = slot

    def forward(self, tokens, patches):
        states = self.words(tokens)
        slots = tokens == self.slot
        if tokens[slots].numel() != patches.shape[0]:  #~ data-dependent-guard `tokens[slots].numel() != patches.shape[0]`: torch._check(tokens[slots].numel() == patches.shape[0])
            raise ValueError("the patches do not fit the slots")
        return states.masked_scatter(slots.unsqueeze(-1), patches)


model = Splice
example_args = (torch.tensor([[3, 19, 19, 4, 19, 5]]), torch.randn(3, 4))
