"""Returns the values and the indices of a maximum one by one."""

import torch
from torch import nn


class Peak(nn.Module):
    def forward(self, x):
        values, indices = x.max(dim=0)
        return {"values": values, "indices": indices, "order": tuple(x.sort(dim=0))}


model = Peak()
example_args = (torch.randn(4, 3),)
