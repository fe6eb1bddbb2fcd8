"""Weight norm and spectral norm are parametrizations that export traces through."""

import torch
from torch import nn
from torch.nn.utils import parametrizations


class Vocoder(nn.Module):
    def __init__(self, channels=8):
        super().__init__()
        self.first = parametrizations.weight_norm(nn.Conv1d(1, channels, 3, padding=1))
        self.second = parametrizations.spectral_norm(nn.Conv1d(channels, channels, 3, padding=1))
        self.mix = parametrizations.orthogonal(nn.Linear(channels, channels, bias=False))

    def forward(self, audio):
        h = nn.functional.leaky_relu(self.first(audio), 0.1)
        h = nn.functional.leaky_relu(self.second(h), 0.1)
        return self.mix(h.transpose(1, 2)).tanh()


model = Vocoder().eval()
example_args = (torch.randn(2, 1, 32),)
