"""Further example inputs tell which dimensions vary."""

import torch
from torch import nn
from torch.export import AdditionalInputs

class Mean(nn.Module):
    def forward(self, x, mask):
        return (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)


model = Mean()
example_args = (torch.randn(2, 5, 3), torch.ones(2, 5))
dynamic_shapes = AdditionalInputs()
dynamic_shapes.add((torch.randn(4, 7, 3), torch.ones(4, 7)))
