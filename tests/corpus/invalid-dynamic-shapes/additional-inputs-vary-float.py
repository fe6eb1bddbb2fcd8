"""A float differs between the examples."""

import torch
from torch import nn
from torch.export import AdditionalInputs


def examples():
    inputs = AdditionalInputs()
    inputs.add((torch.randn(6, 4), 0.5))
    return inputs


class Scale(nn.Module):
    def forward(self, x, factor):
        return x * factor


model = Scale()
example_args = (torch.randn(3, 4), 2.0)
dynamic_shapes = examples()  #~ invalid-dynamic-shapes `examples()`
