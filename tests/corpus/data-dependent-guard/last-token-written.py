"""Writes the token of a step that `.item()` gives into a copy of the sequence."""

import torch
from torch import nn


class Filled(nn.Module):
    def __init__(self, vocabulary=10):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, 4)

    def forward(self, tokens, step, token):
        filled = tokens.clone()
        filled[:, step.item()] = token  #~ data-dependent-guard `filled[:, step.item()]`: `step.item()`
        return self.embedding(filled)


model = Filled
example_args = (torch.zeros(2, 5, dtype=torch.long), torch.tensor(3), torch.tensor([4, 7]))
