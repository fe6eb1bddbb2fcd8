"""Takes the gradient of an energy with torch.func, which leaves an input without data as a constant."""

import torch
from torch import nn


class Langevin(nn.Module):
    def energy(self, x):
        return (x**2).sum()  #~ decomposition-error `x**2`: took for a constant without data

    def forward(self, x):
        return x - 0.1 * torch.func.grad(self.energy)(x)


model = Langevin()
example_args = (torch.randn(4),)
