"""Two examples have size 1 where a third dimension is used as a constant."""

import torch
from torch import nn
from torch.export import Dim

class Mix(nn.Module):
    def forward(self, x, scale, shift):
        return x.view(4, -1), scale + 1, shift * 2  #~ constraint-violation `x.view(4, -1)`


model = Mix()
example_args = (
    torch.randn(4, 2),
    torch.randn(1, 3),  #~ constraint-violation `torch.randn(1, 3)`: size 1 in dimension 0 of `scale`
    torch.randn(1, 5),  #~ constraint-violation `torch.randn(1, 5)`: size 1 in dimension 0 of `shift`
)
dynamic_shapes = ({0: Dim.DYNAMIC}, {0: Dim.DYNAMIC}, {0: Dim.DYNAMIC})
