"""Two arguments without a comma between them: the file does not parse."""

import torch
from torch import nn


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(16)
        self.proj = nn.Linear(16 4)  #~ load-error `16 4`: comma

    def forward(self, x):
        return self.proj(self.norm(x))


model = Head
example_args = (torch.randn(2, 16),)
