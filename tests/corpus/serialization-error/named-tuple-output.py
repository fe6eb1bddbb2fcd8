"""Returns a named tuple, whose class has no name to be saved under."""

from typing import NamedTuple

import torch
from torch import nn


class Output(NamedTuple):
    logits: torch.Tensor
    hidden: torch.Tensor


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        hidden = x.tanh()
        return Output(self.fc(hidden), hidden)  #~ serialization-error `Output(self.fc(hidden), hidden)`: the named tuple `Output`


model = Classifier
example_args = (torch.randn(2, 8),)
