"""An embedding whose weight is shared with the output layer."""

import torch
from torch import nn


class LanguageModel(nn.Module):
    def __init__(self, vocabulary=20, dim=8):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, dim)
        self.head = nn.Linear(dim, vocabulary, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, tokens):
        return self.head(self.embed(tokens))


model = LanguageModel
example_args = (torch.tensor([[1, 2, 3]]),)
