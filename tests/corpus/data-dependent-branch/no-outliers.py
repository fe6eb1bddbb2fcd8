"""Skips a channel without outliers, where an assignment to nothing would do."""

import torch
from torch import nn


class Despike(nn.Module):
    def __init__(self, limit=2.5):
        super().__init__()
        self.limit = limit

    def forward(self, channels):
        clean = []
        for channel in channels.unbind(0):
            spikes = channel.abs() > self.limit
            if not spikes.any():  #~ data-dependent-branch `not spikes.any()`
                clean.append(channel)
                continue
            channel = channel.clone()
            channel[spikes] = channel[~spikes].median()
            clean.append(channel)
        return torch.stack(clean)


model = Despike()
example_args = (torch.tensor([[0.1, 9.0, 0.2, 0.3, -0.1], [7.0, 0.5, 0.1, -8.0, 0.4]]),)
