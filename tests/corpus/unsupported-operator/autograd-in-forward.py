"""Takes the gradient of an energy inside forward, as force fields do."""

import torch
from torch import nn


class InputGradient(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 1)

    def forward(self, x):
        x = x.detach().requires_grad_()  #~ graph-break (strict) [torch<=2.6] `x.detach().requires_grad_()`
        energy = self.fc(x).sum()
        (force,) = torch.autograd.grad(energy, x)  #~ unsupported-operator (non-strict) [torch>2.6] `torch.autograd.grad(energy, x)` #~ graph-break (strict) [torch>2.6] `torch.autograd.grad(energy, x)`
        return -force


model = InputGradient
example_args = (torch.randn(2, 4),)
