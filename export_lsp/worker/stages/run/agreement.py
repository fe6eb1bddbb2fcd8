"""Decides when two results of the same computation count as equal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor

# The error allowed to a program that reorders arithmetic, relative to the largest value.
RELATIVE = {
    torch.float64: 1e-6,
    torch.complex128: 1e-6,
    torch.float32: 1e-4,
    torch.complex64: 1e-4,
    torch.float16: 1e-2,
    torch.bfloat16: 5e-2,
}
# For floating-point types that are not in the table.
COARSE = 0.2


def all_agree(expected: Sequence[Any], actual: Sequence[Any]) -> bool:
    """Return whether two lists of output leaves agree, leaf by leaf."""
    return len(expected) == len(actual) and all(map(agree, expected, actual))


def agree(expected: Any, actual: Any) -> bool:
    """Return whether two output leaves count as equal.

    Tensors agree up to the rounding of their type, and NaN agrees with NaN.  Leaves that cannot be
    compared agree.
    """
    try:
        if isinstance(expected, torch.Tensor) and isinstance(actual, torch.Tensor):
            return _tensors_agree(expected.detach(), actual.detach())
        if isinstance(expected, float) and isinstance(actual, (float, int)):
            both_nan = math.isnan(expected) and math.isnan(actual)
            return both_nan or math.isclose(expected, actual, rel_tol=1e-4, abs_tol=1e-6)
        if getattr(type(expected), "__eq__", None) is object.__eq__:
            return type(expected) is type(actual)
        return bool(expected == actual)
    except (RuntimeError, NotImplementedError, TypeError, ValueError):
        return True


def _tensors_agree(expected: torch.Tensor, actual: torch.Tensor) -> bool:
    if expected.shape != actual.shape or expected.dtype != actual.dtype:
        return False
    if isinstance(expected, FakeTensor) or isinstance(actual, FakeTensor):
        return True
    expected, actual = _dense(expected), _dense(actual)
    if not (expected.is_floating_point() or expected.is_complex()):
        return torch.equal(expected, actual)
    relative = RELATIVE.get(expected.dtype, COARSE)
    if expected.dtype not in (torch.float64, torch.complex128, torch.complex64):
        expected, actual = expected.float(), actual.float()
    finite = expected[torch.isfinite(expected)].abs()
    largest = finite.max().item() if finite.numel() else 0.0
    return torch.allclose(
        actual, expected, rtol=relative, atol=relative * max(largest, 1e-6), equal_nan=True
    )


def _dense(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.is_quantized:
        return tensor.dequantize()
    return tensor if tensor.layout is torch.strided else tensor.to_dense()


def leaf_difference(eager: Any, exported: Any) -> str:
    """Describe how a program's leaf differs from eager's, as the end of "it gives …"."""
    if isinstance(eager, torch.Tensor) and isinstance(exported, torch.Tensor):
        if eager.shape != exported.shape or eager.dtype != exported.dtype:
            return f"{type_and_shape(exported)} where eager gives {type_and_shape(eager)}"
        return "other values than in eager"
    return f"{exported!r} where eager gives {eager!r}"


def type_and_shape(tensor: torch.Tensor) -> str:
    """Describe a tensor: "float32 of shape (2, 3)"."""
    return f"{str(tensor.dtype).removeprefix('torch.')} of shape {tuple(tensor.shape)}"
