"""Packs padded sequences by their lengths."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(4, 4, batch_first=True)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)  #~ graph-break (strict) `pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)`
        y, _ = self.rnn(packed)  #~ unsupported-operator (non-strict) `self.rnn(packed)`
        return pad_packed_sequence(y, batch_first=True)[0]


model = Encoder
example_args = (torch.randn(2, 3, 4), torch.tensor([3, 2]))
