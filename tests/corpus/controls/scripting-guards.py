"""Code that asks whether it is scripted, traced, compiled or exported, and takes another way."""

import logging

import torch
from torch import nn

logger = logging.getLogger(__name__)


class Router(nn.Module):
    def __init__(self, dim=8, outputs=4):
        super().__init__()
        self.head = nn.Linear(dim, outputs)
        self.calls = 0

    def _validate(self, x):
        if bool((x.abs() > 1e6).any()):
            logger.warning("inputs are very large: %f", x.abs().max().item())

    @torch.no_grad()
    def forward(self, x):
        if not torch.jit.is_scripting() and not torch.jit.is_tracing():
            assert x.dim() == 2, f"expected a matrix, got {tuple(x.shape)}"
        if not torch.compiler.is_compiling():
            self._validate(x)
        if not torch.compiler.is_exporting():  #~ forward-error [torch<=2.6] `torch.compiler.is_exporting`
            self.calls += 1
        return self.head(x).argmax(-1)


model = Router
example_args = (torch.randn(2, 8),)
