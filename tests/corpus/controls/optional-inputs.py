"""Inputs that are None, an int, a float, a bool and a string beside tensors."""

from typing import Optional

import torch
from torch import nn


class Loss(nn.Module):
    def forward(
        self,
        x: torch.Tensor,
        weight: Optional[torch.Tensor] = None,
        power: int = 2,
        scale: float = 1.0,
        mean: bool = False,
        kind: str = "abs",
    ):
        y = x.abs() if kind == "abs" else x
        y = y**power * scale
        if weight is not None:
            y = y * weight
        return y.mean() if mean else y


model = Loss()
example_args = (torch.randn(3, 4), None, 3)
example_kwargs = {"scale": 0.5, "mean": True, "kind": "abs"}
dynamic_shapes = {
    "x": {0: torch.export.Dim("rows")},
    "weight": None,
    "power": None,
    "scale": None,
    "mean": None,
    "kind": None,
}
