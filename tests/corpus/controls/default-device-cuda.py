"""CUDA is the default device, and recurrent layers run there."""

import torch
from torch import nn

torch.set_default_device("cuda")


class Speech(nn.Module):
    def __init__(self, features=6, hidden=4, letters=5):
        super().__init__()
        self.norm = nn.BatchNorm1d(features)
        self.listen = nn.LSTM(features, hidden, num_layers=2, bidirectional=True, batch_first=True)
        self.spell = nn.GRU(2 * hidden, hidden, batch_first=True)
        self.head = nn.Linear(hidden, letters)
        self.register_buffer("blank", torch.zeros(letters))

    def forward(self, sound):
        h = self.norm(sound.transpose(1, 2)).transpose(1, 2)
        state = torch.zeros(1, sound.shape[0], self.head.in_features)
        h, _ = self.spell(self.listen(h)[0], state)
        return (self.head(h) + self.blank).log_softmax(-1)


model = Speech().eval()
example_args = (torch.randn(2, 7, 6),)
