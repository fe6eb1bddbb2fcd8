"""Two lengths have to be equal, and one of them is compared with a number."""

import torch
from torch import nn
from torch.export import Dim

class Gate(nn.Module):
    def forward(self, x, gate):
        y = x * gate  #~ constraint-violation `x * gate`: to be equal
        if x.shape[0] > 9:  #~ constraint-violation `x.shape[0] > 9`: max=9
            y = y[:9]
        return y


model = Gate()
example_args = (torch.randn(4, 2), torch.randn(4, 2))
dynamic_shapes = {"x": {0: Dim("x_rows", max=64)}, "gate": {0: Dim("gate_rows", max=64)}}
