"""An embedding of the hour at which the model runs."""

import datetime

import torch
from torch import nn

class Daytime(nn.Module):
    def __init__(self):
        super().__init__()
        self.hours = nn.Embedding(24, 4)

    def forward(self, x):
        hour = datetime.datetime.now().hour  #~ numerics-mismatch (non-strict) `datetime.datetime.now()`: Pass the time as an input #~ graph-break (strict) `datetime.datetime.now()`
        return x + self.hours(torch.tensor(hour))


model = Daytime
example_args = (torch.randn(2, 4),)
