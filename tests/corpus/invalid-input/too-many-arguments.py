"""Three example inputs for a forward that takes two."""

import torch
from torch import nn


class Gate(nn.Module):
    def forward(self, x, gate):
        return x * gate.sigmoid()


model = Gate()
example_args = (torch.randn(2), torch.randn(2), torch.ones(2))  #~ invalid-input `(torch.randn(2), torch.randn(2), torch.ones(2))`
