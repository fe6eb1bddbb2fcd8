"""Models that tests make and hand to `assert_exports`."""

from __future__ import annotations

import torch


class Plain(torch.nn.Module):  # type: ignore[misc]
    """A model that exports."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + 1


class Branch(torch.nn.Module):  # type: ignore[misc]
    """A model that branches on its data."""

    def __init__(self, inner: torch.nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.sum() > 0:
            return self.inner(x)
        return x
