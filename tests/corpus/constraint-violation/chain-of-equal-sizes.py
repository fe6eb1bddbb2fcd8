"""Three batches have to be equal, which two expressions say."""

import torch
from torch import nn
from torch.export import Dim

class Sum(nn.Module):
    def forward(self, a, b, c):
        left = a + b  #~ constraint-violation `a + b`: dimension 0 of `b`
        right = b * c  #~ constraint-violation `b * c`: dimension 0 of `c`
        return left, right


model = Sum()
example_args = (torch.randn(3, 4), torch.randn(3, 4), torch.randn(3, 4))
dynamic_shapes = ({0: Dim("rows_a")}, {0: Dim("rows_b")}, {0: Dim("rows_c")})
