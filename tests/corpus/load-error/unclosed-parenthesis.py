"""The call to nn.Linear is never closed, so the file does not parse."""

import torch
from torch import nn


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Linear(16, 4  #~ load-error `(`

    def forward(self, x):
        return self.proj(x)


model = Head
example_args = (torch.randn(2, 16),)
