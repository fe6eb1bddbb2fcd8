"""Old-style weight norm and a recurrent layer, which write attributes of their own."""

import torch
from torch import nn

class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.utils.weight_norm(nn.Conv1d(4, 4, 3, padding=1))
        self.rnn = nn.LSTM(4, 4, batch_first=True)
        self.calls = 0

    def forward(self, x):
        h = self.conv(x.transpose(1, 2)).transpose(1, 2)
        return self.rnn(h)[0]


export_targets = {
    "tagger": {"model": Tagger, "args": (torch.randn(2, 5, 4),), "modes": ("non-strict",)}
}
