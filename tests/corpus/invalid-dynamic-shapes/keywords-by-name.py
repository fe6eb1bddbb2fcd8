"""forward takes **masks, and the spec names one of them at the top."""

import torch
from torch import nn
from torch.export import Dim


class Masked(nn.Module):
    def forward(self, x, **masks):
        return x * masks["padding"]  #~ numerics-mismatch (non-strict) [torch>=2.14] `x * masks["padding"]`


rows = Dim("rows")
model = Masked()
example_args = (torch.randn(3),)
example_kwargs = {"padding": torch.ones(3)}
dynamic_shapes = {"x": {0: rows}, "padding": {0: rows}}  #~ invalid-dynamic-shapes [torch<2.14] `"padding"`: `**masks`
