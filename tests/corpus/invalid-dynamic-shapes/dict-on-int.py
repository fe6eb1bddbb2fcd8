"""An integer is given a dict of dimensions."""

import torch
from torch import nn
from torch.export import Dim


class Repeat(nn.Module):
    def forward(self, x, times):
        return x * times


model = Repeat()
example_args = (torch.randn(3), 4)
dynamic_shapes = {"x": None, "times": {0: Dim("times")}}  #~ invalid-dynamic-shapes `{0: Dim("times")}`: times
