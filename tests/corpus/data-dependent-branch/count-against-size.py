"""Compares a count of tokens, still a tensor, with a size."""

import torch
from torch import nn


class ImageMerger(nn.Module):
    def __init__(self, image_token=7):
        super().__init__()
        self.image_token = image_token
        self.embed = nn.Embedding(16, 4)

    def forward(self, tokens, image):
        n_tokens = (tokens == self.image_token).sum()
        if n_tokens != image.shape[0]:  #~ data-dependent-branch `n_tokens != image.shape[0]`
            raise ValueError("image features and image tokens do not match")
        h = self.embed(tokens)
        mask = (tokens == self.image_token).unsqueeze(-1).expand_as(h)
        return h.masked_scatter(mask, image)


model = ImageMerger
example_args = (torch.tensor([[1, 7, 7, 2]]), torch.randn(2, 4))
