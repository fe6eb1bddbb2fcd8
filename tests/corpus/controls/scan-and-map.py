"""torch's map over the leading dimension instead of a Python loop."""

import torch
from torch import nn
from torch._higher_order_ops.map import map as torch_map


class PerRow(nn.Module):
    def forward(self, rows, scale):
        def body(row, scale):
            return row * scale + row.sum()

        return torch_map(body, rows, scale)


model = PerRow()
example_args = (torch.randn(3, 4), torch.tensor(2.0))
