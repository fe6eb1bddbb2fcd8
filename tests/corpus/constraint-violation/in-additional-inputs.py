"""AdditionalInputs say that two lengths vary; the code fixes both."""

import torch
from torch import nn
from torch.export import AdditionalInputs

class Pair(nn.Module):
    def forward(self, left, right):
        return left.view(4, -1), right.reshape(2, 3)  #~ constraint-violation `left.view(4, -1)` #~ constraint-violation `right.reshape(2, 3)`


model = Pair()
example_args = (torch.randn(4, 2), torch.randn(6))
dynamic_shapes = AdditionalInputs()
dynamic_shapes.add((torch.randn(8, 2), torch.randn(12)))
