"""A model that fails in five ways: a guard, a branch, a check, an operator and dynamic_shapes."""

import torch
from torch import nn
from torch.export import Dim


@torch.library.custom_op("five_failures::smooth", mutates_args=())
def smooth(x: torch.Tensor, amount: float) -> torch.Tensor:
    return x * amount + x.roll(1, 0) * (1 - amount)


class Select(nn.Module):
    def forward(self, x, keep):
        rows = x[keep]
        if rows.shape[0] == 0:
            raise ValueError("no row is kept")
        return rows.mean(0)


class Model(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.select = Select()
        self.fc = nn.Linear(width, width)

    def forward(self, x, keep, scale):
        if torch.isnan(x).any():
            raise ValueError("the input has holes")
        y = self.fc(smooth(x, 0.5))
        if scale > 1:
            y = y / scale
        pooled = self.select(y, keep)
        return y.view(-1, 4).sum(0).sum() + pooled + x.sum() * y.shape[0]


model = Model
example_args = (torch.randn(6, 8), torch.tensor([True, False] * 3), torch.tensor(2.0))
dynamic_shapes = {"x": {0: Dim("rows", max=64)}, "keep": {0: Dim("kept", max=64)}, "scale": None}
