"""``dynamic_shapes`` that let every size of the inputs vary, and the text of such a tree."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch.export import Dim, ShapesCollection
from torch.utils import _pytree as pytree

from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.targets.input_paths import Path

# Sizes below are constants for export: a program for one element is another program.
SMALLEST_DYNAMIC = 2

# Chooses the axes that vary.
Varies = Callable[[int, int], bool]


def any_axis(axis: int, size: int) -> bool:
    """Return whether export lets a size vary at all."""
    return size >= SMALLEST_DYNAMIC


def of_axes(axes: Collection[int]) -> Varies:
    """Return what chooses the dimensions with one of some numbers."""
    return lambda axis, size: axis in axes and any_axis(axis, size)


def varying(declaration: Declaration, varies: Varies) -> Declaration:
    """Return a target whose inputs vary along all axes that are chosen.

    Raises:
        BaseException: whatever torch raises for arguments that do not fit the model.
    """
    built = declaration.built
    kwargs = built.kwargs or {}
    collection = ShapesCollection()
    for leaf in pytree.tree_leaves((built.args, kwargs)):
        if isinstance(leaf, torch.Tensor):
            axes = {axis for axis, size in enumerate(leaf.shape) if varies(axis, size)}
            if axes:
                collection[leaf] = dict.fromkeys(sorted(axes), Dim.AUTO)
    tree = collection.dynamic_shapes(built.model, built.args, kwargs)
    return replace(declaration, built=replace(built, dynamic_shapes=tree))


def spec_text(declaration: Declaration, dims: Mapping[Path, Mapping[int, str]]) -> str:
    """Return ``dynamic_shapes`` as a dict in Python's syntax.

    Args:
        declaration: The target, with a tree from `varying`.
        dims: The text of the Dim for each axis that varies, by the paths of the inputs.
    """
    tree = declaration.built.dynamic_shapes
    specs = {
        id(spec): path for path, spec, _ in declaration.specified_inputs(declaration.arguments())
    }

    def text(node: Any) -> str:
        if id(node) in specs:
            axes = dims.get(specs[id(node)], {})
            inner = ", ".join(f"{axis}: {dim}" for axis, dim in axes.items())
            return f"{{{inner}}}" if inner else "None"
        if isinstance(node, dict):
            return f"{{{', '.join(f'{_quoted(key)}: {text(each)}' for key, each in node.items())}}}"
        if is_named_tuple(node):
            fields = (f"{name}={text(each)}" for name, each in node._asdict().items())
            return f"{type(node).__name__}({', '.join(fields)})"
        if isinstance(node, list):
            return f"[{', '.join(map(text, node))}]"
        if isinstance(node, tuple):
            return f"({', '.join(map(text, node))}{',' if len(node) == 1 else ''})"
        return "None"

    return text(tree)


def named_tuples(node: Any) -> Iterator[type]:
    """Yield the classes that the text of a tree names besides Dim."""
    if is_named_tuple(node):
        yield type(node)
    parts = node.values() if isinstance(node, dict) else node
    for each in parts if isinstance(node, (dict, list, tuple)) else ():
        yield from named_tuples(each)


def is_named_tuple(node: Any) -> bool:
    """Return whether an input, and so its part of dynamic_shapes, is a named tuple."""
    return isinstance(node, tuple) and hasattr(node, "_fields")


def _quoted(key: Any) -> str:
    """Return a key as a literal, a string in the quotes that formatters prefer."""
    text = repr(key)
    plain = isinstance(key, str) and '"' not in text and "\\" not in text
    return f'"{text[1:-1]}"' if plain else text
