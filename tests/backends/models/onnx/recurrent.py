"""A recurrent layer over sequences."""

import torch
from torch import nn
from torch.export import Dim


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 8)
        self.lstm = nn.LSTM(8, 6, batch_first=True)

    def forward(self, tokens):
        return self.lstm(self.embed(tokens))[0].log_softmax(-1)


model = Tagger()
example_args = (torch.randint(0, 20, (2, 5)),)
dynamic_shapes = {"tokens": {0: Dim("batch", max=16)}}
