"""When two results count as the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor

# How far a program that reorders the same arithmetic may be off, relative to the largest value.
RELATIVE = {
    torch.float64: 1e-6,
    torch.complex128: 1e-6,
    torch.float32: 1e-4,
    torch.complex64: 1e-4,
    torch.float16: 1e-2,
    torch.bfloat16: 5e-2,
}
COARSE = 0.2


def all_close(ours: Sequence[Any], theirs: Sequence[Any]) -> bool:
    return len(ours) == len(theirs) and all(map(close, ours, theirs))


def close(ours: Any, theirs: Any) -> bool:
    """Whether two leaves of outputs are the same; NaN is the same as NaN.

    What cannot be compared counts as the same.
    """
    try:
        if isinstance(ours, torch.Tensor) and isinstance(theirs, torch.Tensor):
            return _tensors(ours.detach(), theirs.detach())
        if isinstance(ours, float) and isinstance(theirs, (float, int)):
            both_nan = math.isnan(ours) and math.isnan(theirs)
            return both_nan or math.isclose(ours, theirs, rel_tol=1e-4, abs_tol=1e-6)
        if getattr(type(ours), "__eq__", None) is object.__eq__:
            return type(ours) is type(theirs)
        return bool(ours == theirs)
    except (RuntimeError, NotImplementedError, TypeError, ValueError):
        return True


def _tensors(ours: torch.Tensor, theirs: torch.Tensor) -> bool:
    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        return False
    if isinstance(ours, FakeTensor) or isinstance(theirs, FakeTensor):
        return True
    ours, theirs = _dense(ours), _dense(theirs)
    if not (ours.is_floating_point() or ours.is_complex()):
        return torch.equal(ours, theirs)
    relative = RELATIVE.get(ours.dtype, COARSE)
    if ours.dtype not in (torch.float64, torch.complex128, torch.complex64):
        ours, theirs = ours.float(), theirs.float()
    finite = ours[torch.isfinite(ours)].abs()
    largest = finite.max().item() if finite.numel() else 0.0
    return torch.allclose(
        theirs, ours, rtol=relative, atol=relative * max(largest, 1e-6), equal_nan=True
    )


def _dense(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.is_quantized:
        return tensor.dequantize()
    return tensor if tensor.layout is torch.strided else tensor.to_dense()


def difference(ours: Any, theirs: Any) -> str:
    """What is different, as the end of "… gives"."""
    if isinstance(ours, torch.Tensor) and isinstance(theirs, torch.Tensor):
        if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
            return f"{describe(theirs)} where eager gives {describe(ours)}"
        return "other values than in eager"
    return f"{theirs!r} where eager gives {ours!r}"


def describe(tensor: torch.Tensor) -> str:
    """A tensor's type and shape."""
    return f"{str(tensor.dtype).removeprefix('torch.')} of shape {tuple(tensor.shape)}"
