"""One of the additional examples has another rank."""

import torch
from torch import nn
from torch.export import AdditionalInputs


class Score(nn.Module):
    def forward(self, x, y):
        return x.mean() + y


model = Score()
example_args = (torch.randn(3, 4), torch.randn(4))
dynamic_shapes = AdditionalInputs()  #~ invalid-dynamic-shapes `AdditionalInputs()`
dynamic_shapes.add((torch.randn(3, 4, 1), torch.randn(4)))
