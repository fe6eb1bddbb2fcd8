"""Where example inputs and dynamic_shapes are written down, part by part.

torch names an input by its source, "L['x'][0].size()[1]"; here the same input is found in the
declaration's syntax, as far as that is literal.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils import _pytree as pytree

from export_lsp.protocol import Location
from export_lsp.worker.shape_entry import ShapeEntry
from export_lsp.worker.targets import Built, Target, syntax
from export_lsp.worker.workspace import Source, Workspace

Path = tuple[Any, ...]


@dataclass(frozen=True)
class Declaration:
    """A target's declaration beside the values it gave."""

    target: Target
    built: Built
    workspace: Workspace

    def arguments(self) -> dict[str, Any]:
        """The inputs by the names of forward's parameters; empty if they do not fit it."""
        args = self.built.args if isinstance(self.built.args, tuple) else ()
        kwargs = self.built.kwargs if isinstance(self.built.kwargs, dict) else {}
        try:
            return dict(inspect.signature(self.built.model.forward).bind(*args, **kwargs).arguments)
        except (TypeError, ValueError):  # ValueError: a ScriptModule's forward has no signature
            return {}

    def entries(self) -> list[ShapeEntry]:
        """Every dimension in dynamic_shapes, in the order of the inputs."""
        leaves = pytree.tree_leaves((self.built.args, self.built.kwargs or {}))
        positions = {id(leaf): index for index, leaf in enumerate(leaves)}
        return [
            ShapeEntry(
                source=f"L{_keys((argument, *path))}.size()[{dimension}]",
                flat_source=f"L['flat_args'][{positions.get(id(tensor))}].size()[{dimension}]",
                nested_source=f"{self._nested(argument)}{_keys(path)}.size()[{dimension}]",
                dimension=f"dimension {dimension} of `{argument}{_keys(path)}`",
                dim=dim,
                size=tensor.shape[dimension] if dimension < tensor.dim() else None,
                location=self.spec((argument, *path, dimension)),
                input_location=self.spec((argument, *path)),
                example=self.example((argument, *path)),
            )
            for (argument, *rest), spec, tensor in self.tensor_specs()
            for path in (tuple(rest),)
            for dimension, dim in _dims(spec)
        ]

    def tensor_specs(self) -> Iterator[tuple[Path, Any, torch.Tensor]]:
        """The path of every example tensor that dynamic_shapes speaks of, and what it says."""
        shapes = self._shapes()
        for argument, value in self.arguments().items():
            for path, spec, tensor in _tensors(value, self._spec_of(argument, shapes)):
                yield (argument, *path), spec, tensor

    def _shapes(self) -> Any:
        """dynamic_shapes as a tree; `ShapesCollection` and `AdditionalInputs` are asked for it."""
        built = self.built
        if not hasattr(built.dynamic_shapes, "dynamic_shapes"):
            return built.dynamic_shapes
        try:
            return built.dynamic_shapes.dynamic_shapes(built.model, built.args, built.kwargs)
        except Exception:  # what export failed with, and is explained from there
            return None

    def _nested(self, argument: str) -> str:
        """An input by its place among ``(args, kwargs)``."""
        position = list(self.arguments()).index(argument)
        inside = f"[0][{position}]" if position < len(self.built.args) else f"[1][{argument!r}]"
        return f"L['args']{inside}"

    def _spec_of(self, argument: str, shapes: Any) -> Any:
        if isinstance(shapes, dict):
            return shapes.get(argument)
        if isinstance(shapes, (tuple, list)):
            names = list(self.arguments())
            index = names.index(argument)
            return shapes[index] if index < len(shapes) else None
        return None

    def spec(self, path: Path) -> Location:
        """The innermost literal part of dynamic_shapes on the way of `path`."""
        names = list(self.arguments())
        return self._descend(self.target.places.dynamic_shapes, path, names)

    def example(self, path: Path) -> Location:
        """The innermost literal part of the example inputs on the way of `path`."""
        names = list(self.arguments())
        keywords = self.built.kwargs if isinstance(self.built.kwargs, dict) else {}
        if path and path[0] in keywords:
            return self._descend(self.target.places.kwargs, path, names)
        return self._descend(self.target.places.args, path, names)

    def key(self, place: Location, key: str) -> Location:
        """The key's own literal in a dict at `place`; the dict if it is not literal there."""
        source, expression = self._expression(place)
        if isinstance(expression, ast.Dict):
            for node in expression.keys:
                if isinstance(node, ast.Constant) and node.value == key and source is not None:
                    return source.node(node)
        return place

    def _expression(self, place: Location) -> tuple[Source | None, ast.expr | None]:
        source = self.workspace.source(place.file)
        return source, source.expression(place) if source is not None else None

    def _descend(self, place: Location, path: Path, names: list[str]) -> Location:
        source, expression = self._expression(place)
        if source is None or expression is None:
            return place
        for depth, key in enumerate(path):
            position = names.index(key) if depth == 0 and key in names else key
            inner = _part(expression, key, position)
            if inner is None:
                break
            expression = inner
        return source.node(expression)


def _part(expression: ast.expr, key: Any, position: Any) -> ast.expr | None:
    """The literal part of a container under a key, or at a position of a sequence."""
    if isinstance(expression, (ast.Tuple, ast.List)):
        if isinstance(position, int) and position < len(expression.elts):
            return expression.elts[position]
        return None
    if isinstance(expression, ast.Dict):
        for node, value in zip(expression.keys, expression.values, strict=True):
            if isinstance(node, ast.Constant) and node.value == key:
                return value
        return None
    return syntax.entry(expression, key) if isinstance(key, str) else None


def _dims(spec: Any) -> Iterator[tuple[int, Any]]:
    """Every dimension of a tensor that its spec speaks of, with what it says."""
    pairs = spec.items() if isinstance(spec, dict) else enumerate(spec)
    for dimension, dim in pairs:
        if dim is not None and isinstance(dimension, int):
            yield dimension, dim


def _tensors(value: Any, spec: Any) -> Iterator[tuple[Path, Any, torch.Tensor]]:
    """Every (path, spec, example tensor) of a spec that mirrors an input."""
    if spec is None:
        return
    if isinstance(value, torch.Tensor):
        if isinstance(spec, (dict, list, tuple)):
            yield (), spec, value
    elif isinstance(value, dict) and isinstance(spec, dict):
        for key in value.keys() & spec.keys():
            yield from _below(key, value[key], spec[key])
    elif isinstance(value, (list, tuple)) and isinstance(spec, (list, tuple)):
        for index, (item, inner) in enumerate(zip(value, spec, strict=False)):
            yield from _below(index, item, inner)


def _below(key: Any, value: Any, spec: Any) -> Iterator[tuple[Path, Any, torch.Tensor]]:
    for path, inner, tensor in _tensors(value, spec):
        yield (key, *path), inner, tensor


def _keys(path: Path) -> str:
    return "".join(f"[{key!r}]" for key in path)
