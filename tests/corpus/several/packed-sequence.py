"""Packs its sequences, looks at their lengths, and clears a buffer after use."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence


class Recur(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(4, 6, batch_first=True)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)  #~ graph-break (strict) `pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)`
        _, hidden = self.rnn(packed)  #~ unsupported-operator (non-strict) `self.rnn(packed)`
        return hidden[0]


class Sentence(nn.Module):
    def __init__(self):
        super().__init__()
        self.recur = Recur()
        self.register_buffer("prompt", torch.ones(4))

    def forward(self, x, lengths):
        x = x + self.prompt
        self.prompt = None  #~ unregistered-state (non-strict) `self.prompt`: prompt
        if lengths.min() < 1:  #~ data-dependent-branch `lengths.min() < 1`
            raise ValueError("an empty sentence")
        return self.recur(x, lengths)


model = Sentence
example_args = (torch.randn(2, 5, 4), torch.tensor([5, 3]))
