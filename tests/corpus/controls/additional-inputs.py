"""The dynamic shapes are inferred from more examples."""

import torch
from torch import nn
from torch.export import AdditionalInputs


class Score(nn.Module):
    def forward(self, x, y):
        return x @ y


model = Score()
example_args = (torch.randn(3, 4), torch.randn(4, 5))
dynamic_shapes = AdditionalInputs()
dynamic_shapes.add((torch.randn(6, 4), torch.randn(4, 5)))
dynamic_shapes.add((torch.randn(7, 4), torch.randn(4, 8)))
