"""A conditional expression on a tensor, behind emoji on the same line."""

import torch
from torch import nn


class Clip(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        h = self.fc(x)
        label, y = "🔥🧪 übergroß", h / h.norm() if h.norm() > 1 else h  #~ data-dependent-branch `h.norm() > 1`
        return {label: y}


model = Clip
example_args = (torch.randn(2, 8),)
