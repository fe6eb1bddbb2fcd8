"""Nested inputs by keyword, some of them None."""

import torch
from torch import nn


class Options(nn.Module):
    def forward(self, batch, *, mask=None, bias=None):
        x = batch["x"] @ batch["weights"][0]
        return x if mask is None else x.masked_fill(mask, 0.0)


model = Options()
example_args = ({"x": torch.randn(3, 4), "weights": [torch.randn(4, 4)]},)
example_kwargs = {"mask": torch.eye(3, 4).bool(), "bias": None}
