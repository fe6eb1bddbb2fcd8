"""Inference under torch.no_grad as a decorator."""

import torch
from torch import nn


class Inference(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)

    @torch.no_grad()
    def forward(self, x):
        return self.fc(x).relu()


model = Inference
example_args = (torch.randn(2, 8),)
