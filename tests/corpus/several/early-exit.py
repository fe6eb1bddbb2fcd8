"""Iterates blocks until the state settles, with a guard in each of three submodules."""

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)

    def forward(self, x):
        y = self.linear(x).tanh()
        if y.norm() > 50:  #~ data-dependent-branch `y.norm() > 50`
            y = y / 2
        return y


class Halt(nn.Module):
    def forward(self, old, new):
        return (old - new).abs().max() < 1e-6


class Clip(nn.Module):
    def forward(self, x):
        peak = x.abs().max().item()
        return x / peak if peak > 4.0 else x  #~ data-dependent-guard `peak > 4.0`: peak


class Equilibrium(nn.Module):
    def __init__(self, width=4, steps=4):
        super().__init__()
        self.blocks = nn.ModuleList(Block(width) for _ in range(steps))
        self.halt = Halt()
        self.clip = Clip()

    def forward(self, x):
        for block in self.blocks:
            new = block(x)
            if self.halt(x, new):  #~ data-dependent-branch `self.halt(x, new)`
                break
            x = new
        return self.clip(x)


model = Equilibrium
example_args = (torch.randn(2, 4),)
