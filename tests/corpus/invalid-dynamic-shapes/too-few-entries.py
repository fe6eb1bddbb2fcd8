"""forward takes two tensors, the tuple of specs has one entry."""

import torch
from torch import nn
from torch.export import Dim


class Sum(nn.Module):
    def forward(self, x, y):
        return x.sum() + y.sum()


batch = Dim("batch")
model = Sum()
example_args = (torch.randn(4, 8), torch.randn(5))
dynamic_shapes = ({0: batch},)  #~ invalid-dynamic-shapes `({0: batch},)`
