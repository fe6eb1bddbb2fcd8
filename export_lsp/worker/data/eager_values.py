"""Values as eager saw them: plain data that outlives the run and its process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

# Containers with more items are not taken apart: nothing goes on from them.
ITEMS = 512

# Bytes of an array that is kept.
ARRAY = 1 << 16

# What stands for itself.
PLAIN = (bool, int, float, str, type(None), torch.dtype, torch.device)

Number = bool | int | float


@dataclass(frozen=True)
class RecordedTensor:
    """A tensor without its data; `number` is the value of one that holds a single number."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    device: str
    requires_grad: bool
    number: Number | None


@dataclass(frozen=True)
class RecordedArray:
    """A small array of numpy's: its data may be asked for."""

    array: Any


@dataclass(frozen=True)
class RecordedItems:
    """A tuple, list or dict of values; `keys` are a dict's, None for the others."""

    kind: type
    items: tuple[Any, ...]
    keys: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Opaque:
    """Anything else: a value that cannot be made again from plain data."""


# An expression that was not evaluated.
NOT_EVALUATED = Opaque()


def record_value(value: Any) -> Any:
    """What to keep of a value."""
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, torch.Tensor):
        return _seen_tensor(value)
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


def _seen_tensor(tensor: torch.Tensor) -> Any:
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
        return None  # it has no value of its own: in vmap, or on the meta device


def is_reproducible(value: Any) -> bool:
    """Whether a value can be made again."""
    if isinstance(value, RecordedItems):
        return all(map(is_reproducible, value.items))
    return not isinstance(value, Opaque)


def is_exact(value: Any) -> bool:
    """Whether a value made again is no less than the one that eager saw, whatever the sizes."""
    return isinstance(value, (bool, float, str, type(None), Opaque))


def truth_value(value: Any) -> bool | None:
    """The truth value of what was seen; None where that is unknown."""
    if isinstance(value, RecordedTensor):
        return None if value.number is None else bool(value.number)
    if isinstance(value, RecordedItems):
        return bool(value.items)
    return None if isinstance(value, (RecordedArray, Opaque)) else bool(value)
