"""Raises with messages about shapes, warns about them and logs them, none of which is reached."""

import logging
import warnings

import torch
from torch import nn

log = logging.getLogger(__name__)


class Careful(nn.Module):
    def forward(self, x):
        if x.shape[-1] != 4:
            raise ValueError(f"expected 4 channels, got {tuple(x.shape)}")
        if x.requires_grad and self.training:
            warnings.warn("gradients flow into the input", stacklevel=2)
        log.debug("shape %s", x.shape)
        return x.relu()


model = Careful().eval()
example_args = (torch.randn(2, 4),)
