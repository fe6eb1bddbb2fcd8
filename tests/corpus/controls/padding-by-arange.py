"""Padding masks from lengths, by comparing with arange."""

import torch
from torch import nn
from torch.export import Dim


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 8)

    def forward(self, ids, lengths):
        mask = torch.arange(ids.shape[1], device=ids.device) < lengths[:, None]
        hidden = self.embed(ids) * mask[..., None]
        return hidden.sum(1) / lengths.clamp(min=1)[:, None]


batch, length = Dim("batch", max=64), Dim("length", max=128)
model = Encoder
example_args = (torch.tensor([[5, 3, 9, 0], [4, 0, 0, 0]]), torch.tensor([3, 1]))
dynamic_shapes = {"ids": {0: batch, 1: length}, "lengths": {0: batch}}
