"""The inner sizes of a product carry different names."""

import torch
from torch import nn
from torch.export import Dim


class Mix(nn.Module):
    def forward(self, a, b):
        scores = torch.matmul(  #~ constraint-violation `torch.matmul( …`
            a.relu(),
            b,
        )
        return scores.softmax(-1)


model = Mix()
example_args = (torch.randn(3, 6), torch.randn(6, 5))
dynamic_shapes = {"a": {1: Dim("k_left")}, "b": {0: Dim("k_right")}}
