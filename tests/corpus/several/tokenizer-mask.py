"""Builds attention masks from token ids with Python tests on ids, lengths and lists."""

import torch
from torch import nn


def padding_mask(ids, pad):
    if pad in ids:  #~ data-dependent-branch `pad in ids`
        return ids != pad
    return torch.ones_like(ids, dtype=torch.bool)


def spans(lengths, width):
    masks = [torch.arange(width) < n for n in lengths.tolist()]
    return torch.stack(masks)


class Encoder(nn.Module):
    def __init__(self, vocabulary=20, width=8, pad=0):
        super().__init__()
        self.pad = pad
        self.embed = nn.Embedding(vocabulary, width)

    def forward(self, ids, lengths):
        mask = padding_mask(ids, self.pad) & spans(lengths, ids.shape[1])
        longest = lengths.max().item()
        if longest < ids.shape[1]:  #~ data-dependent-guard `longest < ids.shape[1]`: longest
            mask = mask[:, :longest]
        hidden = self.embed(ids) * mask[..., None]
        words = hidden[mask]
        return words.mean(0) if words.size(0) else hidden.mean((0, 1))  #~ data-dependent-guard `words.size(0)`


model = Encoder
example_args = (torch.tensor([[5, 3, 9, 0], [4, 0, 0, 0]]), torch.tensor([4, 1]))
