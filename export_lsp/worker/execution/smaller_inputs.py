"""Example inputs with smaller sizes, for models that take too long on their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.export import ExportedProgram
from torch.utils import _pytree as pytree

from export_lsp.worker.data.target import Built
from export_lsp.worker.execution.values import values_like
from export_lsp.worker.private import symbolic_shapes

# The size that a dynamic dimension gets, where its range allows that.
SMALL = 4


def small_sizes(program: ExportedProgram) -> dict[str, int]:
    """Return a small size for each dynamic dimension of the inputs, by its symbol's name.

    It is empty if no dimension can be smaller than in the example inputs.
    """
    sizes = {}
    for tensor in _input_tensors(program):
        for size in tensor.shape:
            name = symbolic_shapes.symbol_of(size)
            if name is None:
                continue
            traced = symbolic_shapes.concrete_size(size, {})
            small = max(SMALL, symbolic_shapes.lower_bound(program.range_constraints, name))
            if small < traced:
                sizes[name] = small
    return sizes


def takes_sizes(program: ExportedProgram, leaves: Sequence[Any]) -> bool:
    """Return whether a program is meant for inputs of these sizes, given as their leaves."""
    traced = traced_inputs(program)
    if len(traced) != len(leaves):
        return False
    pairs = [
        (size, actual)
        for value, leaf in zip(traced, leaves, strict=True)
        if isinstance(value, torch.Tensor) and isinstance(leaf, torch.Tensor)
        for size, actual in zip(value.shape, leaf.shape, strict=False)
    ]
    chosen = {
        name: actual
        for size, actual in pairs
        if (name := symbolic_shapes.symbol_of(size)) is not None
    }
    return all(
        symbolic_shapes.in_range(program.range_constraints, name, size)
        for name, size in chosen.items()
    ) and all(symbolic_shapes.concrete_size(size, chosen) == actual for size, actual in pairs)


def with_sizes(built: Built, program: ExportedProgram, sizes: Mapping[str, int]) -> Built:
    """Return the model with example inputs of these sizes.

    Values are those at the beginning of the inputs' own; fake inputs get random ones.
    """
    traced = iter(traced_inputs(program))

    def smaller(leaf: Any) -> Any:
        value = next(traced, None)
        if not isinstance(leaf, torch.Tensor) or not isinstance(value, torch.Tensor):
            return leaf
        shape = [symbolic_shapes.concrete_size(size, sizes) for size in value.shape]
        if isinstance(leaf, FakeTensor):
            return values_like(leaf, shape)
        with torch.no_grad():
            return leaf[tuple(slice(size) for size in shape)].clone()

    args, kwargs = pytree.tree_map(smaller, (built.args, built.kwargs or {}))
    return replace(built, args=args, kwargs=kwargs)


def _input_tensors(program: ExportedProgram) -> list[torch.Tensor]:
    return [value for value in traced_inputs(program) if isinstance(value, torch.Tensor)]


def traced_inputs(program: ExportedProgram) -> list[Any]:
    """Return the traced value of each leaf of the inputs; None for constants."""
    values = {node.name: node.meta.get("val") for node in program.graph.nodes}
    names = program.graph_signature.user_inputs
    return [values.get(name) if isinstance(name, str) else None for name in names]
