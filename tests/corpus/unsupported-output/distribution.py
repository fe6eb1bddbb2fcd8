"""Returns a torch.distributions object."""

import torch
from torch import nn
from torch.distributions import Categorical


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.logits = nn.Linear(4, 2)

    def forward(self, observation):
        return Categorical(logits=self.logits(observation), validate_args=False)  #~ unsupported-output `Categorical(logits=self.logits(observation), validate_args=False)`: Categorical


model = Policy
example_args = (torch.randn(1, 4),)
