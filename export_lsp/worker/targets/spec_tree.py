"""Walks dynamic_shapes beside the example inputs that it mirrors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from export_lsp.worker.targets.input_paths import Path, children


def specified_inputs(arguments: dict[str, Any], spec: Any) -> Iterator[tuple[Path, Any, Any]]:
    """Yield (path, spec, example) for every tensor and integer that has a spec.

    Args:
        arguments: The example inputs by the names of forward's parameters.
        spec: dynamic_shapes for all of them, by name or by position.
    """
    for index, (argument, value) in enumerate(arguments.items()):
        for path, inner, leaf in _below(value, _at(spec, argument, index)):
            yield (argument, *path), inner, leaf


def dimensions(spec: Any, example: Any) -> Iterator[tuple[int | None, Any]]:
    """Yield (axis, Dim) for every dimension that the spec of one input names.

    The axis is None for an integer input, whose spec is the Dim itself.
    """
    if not isinstance(example, torch.Tensor):
        yield None, spec
        return
    pairs = spec.items() if isinstance(spec, dict) else enumerate(spec)
    for axis, dim in pairs:
        if dim is not None and isinstance(axis, int):
            yield axis, dim


def size_of(example: Any, axis: int | None) -> int | None:
    """Return the example's size along an axis, or its own value; None without such an axis."""
    if axis is None:
        return int(example)
    return example.shape[axis] if axis < example.dim() else None


def _below(value: Any, spec: Any) -> Iterator[tuple[Path, Any, Any]]:
    if spec is None:
        return
    if isinstance(value, torch.Tensor):
        if isinstance(spec, (dict, list, tuple)):
            yield (), spec, value
    elif isinstance(value, int) and not isinstance(value, bool):
        if not isinstance(spec, (int, dict, list, tuple)):
            yield (), spec, value
    else:
        for position, (step, part) in enumerate(children(value)):
            for path, inner, leaf in _below(part, _at(spec, step, position)):
                yield (step, *path), inner, leaf


def _at(spec: Any, key: Any, position: int) -> Any:
    """Return the part of a spec for one item of a container, by its key or its position."""
    if isinstance(spec, dict):
        return spec.get(key)
    if isinstance(spec, (list, tuple)):
        return spec[position] if position < len(spec) else None
    return None
