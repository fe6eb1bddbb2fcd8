"""Values recorded in an eager run, as plain data that can be sent to another process.

A recorded value is a Python or torch constant (`PLAIN`), a `RecordedTensor`, `RecordedArray` or
`RecordedItems`, or `Opaque`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

# A container with more items is recorded as opaque.
ITEMS = 512

# A NumPy array with more bytes is recorded as opaque.
ARRAY = 1 << 16

# Types whose values are recorded as they are.
PLAIN = (bool, int, float, str, type(None), torch.dtype, torch.device)

Number = bool | int | float


@dataclass(frozen=True)
class RecordedTensor:
    """A tensor without its data; `number` is its value if it has one element and a real dtype."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    device: str
    requires_grad: bool
    number: Number | None


@dataclass(frozen=True)
class RecordedArray:
    """A small NumPy array with its data."""

    array: Any


@dataclass(frozen=True)
class RecordedItems:
    """A tuple, list or dict of recorded values; `keys` are a dict's, None for the others."""

    kind: type
    items: tuple[Any, ...]
    keys: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Opaque:
    """A value that cannot be made again from plain data."""


# Stands for the value of an expression that was not evaluated.
NOT_EVALUATED = Opaque()


def record_value(value: Any) -> Any:
    """Return the recorded form of any value; raises nothing."""
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, torch.Tensor):
        return _record_tensor(value)
    kind = type(value)
    if (kind.__module__, kind.__name__) == ("numpy", "ndarray") and value.nbytes <= ARRAY:
        return RecordedArray(value.copy())
    if kind is torch.Size:
        return RecordedItems(tuple, tuple(value))
    if kind in (tuple, list) and len(value) <= ITEMS:
        return RecordedItems(kind, tuple(map(record_value, value)))
    if kind is dict and len(value) <= ITEMS and all(isinstance(key, PLAIN) for key in value):
        return RecordedItems(dict, tuple(map(record_value, value.values())), tuple(value))
    return Opaque()


def _record_tensor(tensor: torch.Tensor) -> Any:
    if tensor.layout is not torch.strided or type(tensor) not in (
        torch.Tensor,
        torch.nn.Parameter,
    ):
        return Opaque()
    return RecordedTensor(
        tuple(tensor.shape),
        tensor.dtype,
        str(tensor.device),
        tensor.requires_grad,
        _number(tensor),
    )


def _number(tensor: torch.Tensor) -> Number | None:
    if tensor.numel() != 1 or tensor.is_complex():
        return None
    try:
        return tensor.item()
    except RuntimeError:
        return None  # in vmap and on the meta device a tensor has no data


def is_reproducible(value: Any) -> bool:
    """Return whether a value like the recorded one can be made again."""
    if isinstance(value, RecordedItems):
        return all(map(is_reproducible, value.items))
    return not isinstance(value, Opaque)


def is_exact(value: Any) -> bool:
    """Return whether the value, made again, equals the original for inputs of any size.

    `Opaque` counts as exact: it is never made again.
    """
    return isinstance(value, (bool, float, str, type(None), Opaque))


def truth_value(value: Any) -> bool | None:
    """Return the truth value of what was recorded; None if that is unknown."""
    if isinstance(value, RecordedTensor):
        return None if value.number is None else bool(value.number)
    if isinstance(value, RecordedItems):
        return bool(value.items)
    return None if isinstance(value, (RecordedArray, Opaque)) else bool(value)
