"""Custom operators whose fake kernel says something else than the real one does."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import torch
from torch._ops import OpOverload
from torch.fx import Node
from torch.utils import _pytree as pytree

from export_lsp.worker.private import hints
from export_lsp.worker.stages.numerics import close

# torch answers for its own operators.
TORCH = ("aten", "prim", "prims", "quantized", "quantized_decomposed", "_c10d_functional")


def lie(node: Node, result: Any) -> str | None:
    """What a node's fake kernel says and the real one does not keep; None if it does."""
    if not isinstance(node.target, OpOverload) or node.target.namespace in TORCH:
        return None
    said = pytree.tree_leaves(node.meta.get("val"))
    given = pytree.tree_leaves(result)
    if len(said) != len(given):
        return f"gives {len(given)} results, and its fake kernel {len(said)}"
    return next(_lies(said, given), None)


def _lies(said: list[Any], given: list[Any]) -> Iterator[str]:
    for fake, real in zip(said, given, strict=True):
        if not isinstance(fake, torch.Tensor) or not isinstance(real, torch.Tensor):
            continue
        sizes = [hints.size_hint(size) for size in fake.shape]
        fits = len(sizes) == real.dim() and all(
            size is None or size == actual for size, actual in zip(sizes, real.shape, strict=True)
        )
        if not fits or fake.dtype != real.dtype:
            dtype = str(fake.dtype).removeprefix("torch.")
            shape = ", ".join("?" if size is None else str(size) for size in sizes)
            comma = "," if len(sizes) == 1 else ""
            yield (
                f"gives {close.describe(real)}, and its fake kernel says {dtype} of shape"
                f" ({shape}{comma})"
            )
        elif fake.device.type != real.device.type:
            yield f"gives a tensor on {real.device.type}, and its fake kernel {fake.device.type}"
        elif real.layout is torch.strided and not _same_order(fake, real):
            yield (
                f"gives a tensor of strides {tuple(real.stride())}, and its fake kernel says"
                f" another memory order, {tuple(hints.size_hint(s) for s in fake.stride())}"
            )


def _same_order(fake: torch.Tensor, real: torch.Tensor) -> bool:
    """Whether both lay their dimensions out in the same order."""
    strides = [hints.size_hint(stride) for stride in fake.stride()]
    wide = [index for index, size in enumerate(real.shape) if size > 1]
    for one, other in itertools.combinations(wide, 2):
        said_one, said_other = strides[one], strides[other]
        if said_one is None or said_other is None:
            continue
        said, given = said_one - said_other, real.stride(one) - real.stride(other)
        if said * given < 0:
            return False
    return True
