"""Stacks two inputs with independent dynamic sizes, in a nested dict spec."""

import torch
from torch import nn
from torch.export import Dim


class Pair(nn.Module):
    def forward(self, batch):
        left, right = batch["left"], batch["right"]
        return torch.stack([left, right]).amax(0)  #~ constraint-violation `torch.stack([left, right])`


model = Pair()
example_args = ({"left": torch.randn(4), "right": torch.randn(4)},)
dynamic_shapes = {"batch": {"left": {0: Dim("a", min=2)}, "right": {0: Dim("b", min=2)}}}
