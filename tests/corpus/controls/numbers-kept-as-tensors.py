"""Numbers from data that stay tensors: indexing, comparing, scaling."""

import torch
from torch import nn


class Pick(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("gains", torch.tensor([1.0, 0.5, 0.25]))

    def forward(self, x, which, power):
        gain = self.gains[which.view(1)]
        largest = x.abs().max()
        scaled = torch.where(largest > 1, x / largest, x) * gain
        row = x.index_select(0, which.clamp(max=x.shape[0] - 1).view(1))
        return scaled.sign() * scaled.abs() ** power, row


model = Pick
example_args = (torch.randn(3, 4), torch.tensor(1), torch.tensor(2.0))
