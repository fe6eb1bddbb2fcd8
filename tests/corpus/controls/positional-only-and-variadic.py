"""Positional-only, `*args`, keyword-only and `**kwargs` parameters in one forward."""

import torch
from torch import nn


class Blend(nn.Module):
    def forward(self, x, /, *others, gain, **masks):
        for other in others:
            x = x + other
        for name in sorted(masks):
            x = x * masks[name]
        return x * gain


model = Blend()
example_args = (torch.randn(2, 3), torch.randn(2, 3), torch.randn(3))
example_kwargs = {"gain": torch.tensor(2.0), "left": torch.ones(2, 3), "right": torch.ones(3)}
