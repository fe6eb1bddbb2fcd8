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
class SeenTensor:
    """A tensor without its data; `number` is the value of one that holds a single number."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    device: str
    requires_grad: bool
    number: Number | None


@dataclass(frozen=True)
class SeenArray:
    """A small array of numpy's: its data may be asked for."""

    array: Any


@dataclass(frozen=True)
class SeenItems:
    """A tuple, list or dict of values; `keys` are a dict's, None for the others."""

    kind: type
    items: tuple[Any, ...]
    keys: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Unclear:
    """Anything else: a value that cannot be made again from plain data."""


# An expression that was not evaluated.
NEVER = Unclear()


def seen(value: Any) -> Any:
    """What to keep of a value."""
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, torch.Tensor):
        return _seen_tensor(value)
    kind = type(value)
    if (kind.__module__, kind.__name__) == ("numpy", "ndarray") and value.nbytes <= ARRAY:
        return SeenArray(value.copy())
    if kind is torch.Size:
        return SeenItems(tuple, tuple(value))
    if kind in (tuple, list) and len(value) <= ITEMS:
        return SeenItems(kind, tuple(map(seen, value)))
    if kind is dict and len(value) <= ITEMS and all(isinstance(key, PLAIN) for key in value):
        return SeenItems(dict, tuple(map(seen, value.values())), tuple(value))
    return Unclear()


def _seen_tensor(tensor: torch.Tensor) -> Any:
    if tensor.layout is not torch.strided or type(tensor) not in (
        torch.Tensor,
        torch.nn.Parameter,
    ):
        return Unclear()
    return SeenTensor(
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


def is_clear(value: Any) -> bool:
    """Whether a value can be made again."""
    if isinstance(value, SeenItems):
        return all(map(is_clear, value.items))
    return not isinstance(value, Unclear)


def is_exact(value: Any) -> bool:
    """Whether a value made again is no less than the one that eager saw, whatever the sizes."""
    return isinstance(value, (bool, float, str, type(None), Unclear))


def truth(value: Any) -> bool | None:
    """The truth value of what was seen; None where that is unknown."""
    if isinstance(value, SeenTensor):
        return None if value.number is None else bool(value.number)
    if isinstance(value, SeenItems):
        return bool(value.items)
    return None if isinstance(value, (SeenArray, Unclear)) else bool(value)
