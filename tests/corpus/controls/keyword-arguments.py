"""Optional keyword arguments, one of them given and one left out."""

import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(32, 8)

    def forward(self, tokens, *, attention_mask=None, bias=None):
        h = self.embed(tokens)
        if attention_mask is not None:
            h = h * attention_mask.unsqueeze(-1)
        if bias is not None:
            h = h + bias
        return h


model = Encoder
example_args = (torch.tensor([[1, 2, 3]]),)
example_kwargs = {"attention_mask": torch.ones(1, 3)}
