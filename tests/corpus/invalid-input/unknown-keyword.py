"""A keyword of the example inputs is misspelt."""

import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(32, 8)

    def forward(self, tokens, attention_mask=None):
        h = self.embed(tokens)
        if attention_mask is not None:
            h = h * attention_mask.unsqueeze(-1)
        return h


model = Encoder
example_args = (torch.tensor([[1, 2, 3]]),)
example_kwargs = {"attn_mask": torch.ones(1, 3)}  #~ invalid-input `"attn_mask"`: attn_mask
