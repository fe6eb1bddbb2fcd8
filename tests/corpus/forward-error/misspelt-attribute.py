"""forward uses an attribute that the constructor spelt differently."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(8)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x):
        y = self.norm(x)
        return self.drop_out(y) + x  #~ forward-error `self.drop_out`: drop_out


model = Net
example_args = (torch.randn(2, 8),)
