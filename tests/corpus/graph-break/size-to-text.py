"""Uses a dynamic size as text for a key."""

import torch
from torch import nn
from torch.export import Dim


class Named(nn.Module):
    def forward(self, x):
        return {f"of {str(x.shape[0])}": x * 2}  #~ graph-break (strict) `str(x.shape[0])`


model = Named()
example_args = (torch.randn(3, 4),)
dynamic_shapes = {"x": {0: Dim("rows", max=99)}}
