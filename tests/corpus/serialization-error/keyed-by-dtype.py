"""Returns a dict whose keys are dtypes."""

import torch
from torch import nn


class Precisions(nn.Module):
    def forward(self, x):
        return {x.dtype: x, torch.float16: x.half()}  #~ serialization-error `{x.dtype: x, torch.float16: x.half()}`: strings and numbers as keys


model = Precisions()
example_args = (torch.randn(4),)
