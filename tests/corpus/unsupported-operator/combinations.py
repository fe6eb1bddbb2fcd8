"""torch.combinations looks for its pairs with a mask."""

import torch
from torch import nn


class PairwiseProducts(nn.Module):
    def forward(self, x):
        return torch.combinations(x).prod(-1)  #~ unsupported-operator [torch<=2.13] `torch.combinations(x)`


model = PairwiseProducts()
example_args = (torch.randn(4),)
