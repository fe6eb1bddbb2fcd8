"""Detects custom operators whose fake kernel describes another result than the real one gives."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import torch
from torch._ops import OpOverload
from torch.fx import Node
from torch.utils import _pytree as pytree

from export_lsp.worker.private import hints
from export_lsp.worker.stages.run.agreement import type_and_shape

# torch is responsible for the operators in these namespaces.
TORCH = ("aten", "prim", "prims", "quantized", "quantized_decomposed", "_c10d_functional")


def mismatch(node: Node, result: Any) -> str | None:
    """Compare a node's result with what its fake kernel predicted.

    Args:
        node: A node of an exported program; its metadata holds the prediction.
        result: What the node gives when the program is run.

    Returns:
        How the result differs, as the end of "the operator …"; None if it does not, or if the
        operator is one of torch's.
    """
    if not isinstance(node.target, OpOverload) or node.target.namespace in TORCH:
        return None
    predicted = pytree.tree_leaves(node.meta.get("val"))
    actual = pytree.tree_leaves(result)
    if len(predicted) != len(actual):
        return f"gives {len(actual)} results, and its fake kernel {len(predicted)}"
    return next(_mismatches(predicted, actual), None)


def _mismatches(predicted: list[Any], actual: list[Any]) -> Iterator[str]:
    for fake, real in zip(predicted, actual, strict=True):
        if not isinstance(fake, torch.Tensor) or not isinstance(real, torch.Tensor):
            continue
        sizes = [hints.size_hint(size) for size in fake.shape]
        fits = len(sizes) == real.dim() and all(
            size is None or size == real_size
            for size, real_size in zip(sizes, real.shape, strict=True)
        )
        if not fits or fake.dtype != real.dtype:
            dtype = str(fake.dtype).removeprefix("torch.")
            shape = ", ".join("?" if size is None else str(size) for size in sizes)
            comma = "," if len(sizes) == 1 else ""
            yield (
                f"gives {type_and_shape(real)}, and its fake kernel says {dtype} of shape"
                f" ({shape}{comma})"
            )
        elif fake.device.type != real.device.type:
            yield f"gives a tensor on {real.device.type}, and its fake kernel {fake.device.type}"
        elif real.layout is torch.strided and not _same_memory_order(fake, real):
            yield (
                f"gives a tensor of strides {tuple(real.stride())}, and its fake kernel says"
                f" another memory order, {tuple(hints.size_hint(s) for s in fake.stride())}"
            )


def _same_memory_order(fake: torch.Tensor, real: torch.Tensor) -> bool:
    """Return whether the strides of both order the dimensions alike."""
    strides = [hints.size_hint(stride) for stride in fake.stride()]
    wide = [axis for axis, size in enumerate(real.shape) if size > 1]
    for one, other in itertools.combinations(wide, 2):
        fake_one, fake_other = strides[one], strides[other]
        if fake_one is None or fake_other is None:
            continue
        if (fake_one - fake_other) * (real.stride(one) - real.stride(other)) < 0:
            return False
    return True
