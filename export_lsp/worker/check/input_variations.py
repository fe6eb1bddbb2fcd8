"""Variations of a target's example inputs.

On the example inputs a branch goes one way only.  The variations let a comparison of two models
cover other values as well.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

Vary = Callable[[torch.Tensor], torch.Tensor]


def _mirrored(tensor: torch.Tensor) -> torch.Tensor:
    """Return values with the opposite sign; integers are mirrored within their own range."""
    with torch.no_grad():
        if tensor.dtype == torch.bool:
            return ~tensor
        if tensor.is_floating_point() or tensor.is_complex():
            return -tensor
        return tensor.max() + tensor.min() - tensor if tensor.numel() else tensor


def _enlarged(tensor: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return tensor * 10 if tensor.is_floating_point() else tensor


# Functions to apply to each tensor of the inputs; None leaves the inputs as they are.
VARIATIONS: tuple[Vary | None, ...] = (None, _mirrored, _enlarged)
