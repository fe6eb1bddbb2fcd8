"""Where example inputs and dynamic_shapes are written down, part by part.

torch names an input by its source, "L['x'][0].size()[1]"; here the same input is found in the
declaration's syntax, as far as that is literal.
"""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils import _pytree as pytree

from export_lsp.protocol import Location
from export_lsp.source import Source
from export_lsp.worker.data.target import Built, Target
from export_lsp.worker.eager.eager_answers import EagerAnswers
from export_lsp.worker.execution import values
from export_lsp.worker.targets.shape_entry import ShapeEntry
from export_lsp.worker.text.exception_text import USER_ERRORS
from export_lsp.worker.user_code import syntax
from export_lsp.worker.user_code.workspace import Workspace

Path = tuple[Any, ...]


@dataclass(frozen=True)
class Declaration:
    """A target's declaration beside the values it gave."""

    target: Target
    built: Built
    workspace: Workspace

    @functools.cached_property
    def in_eager(self) -> EagerAnswers:
        """What the model does in eager: once, for both modes.

        To be asked for the first time before the model is traced, which may change it.
        """
        return EagerAnswers(self.built, values.ModelState(self.built.model), self.workspace)

    def arguments(self) -> dict[str, Any]:
        """The inputs by the names of forward's parameters; empty if they do not fit it."""
        args = self.built.args if isinstance(self.built.args, tuple) else ()
        kwargs = self.built.kwargs if isinstance(self.built.kwargs, dict) else {}
        return self.bound(args, kwargs)

    def bound(self, args: Any, kwargs: Any) -> dict[str, Any]:
        """Whatever stands for the inputs, by the names of forward's parameters."""
        try:
            return dict(inspect.signature(self.built.model.forward).bind(*args, **kwargs).arguments)
        except (TypeError, ValueError):  # ValueError: a ScriptModule's forward has no signature
            return {}

    def entries(self) -> list[ShapeEntry]:
        """Every dimension and number in dynamic_shapes, in the order of the inputs."""
        leaves, structure = pytree.tree_flatten((self.built.args, self.built.kwargs or {}))
        numbered = pytree.tree_unflatten(list(range(len(leaves))), structure)
        arguments = self.arguments()
        positions = self.bound(*numbered) if arguments else {}
        return [
            ShapeEntry(
                source=f"L{_keys((argument, *path))}{_size(dimension)}",
                flat_source=f"L['flat_args'][{at(positions[argument], path)}]{_size(dimension)}",
                nested_source=f"{self._nested(argument)}{_keys(path)}{_size(dimension)}",
                dimension=_called(f"`{argument}{_keys(path)}`", dimension),
                dim=dim,
                size=_size_of(leaf, dimension),
                location=self.spec(
                    (argument, *path) if dimension is None else (argument, *path, dimension)
                ),
                input_location=self.spec((argument, *path)),
                example=self.example((argument, *path)),
                path=(argument, *path),
                axis=dimension,
            )
            for (argument, *rest), spec, leaf in self.specs(arguments)
            for path in (tuple(rest),)
            for dimension, dim in _dims(spec, leaf)
        ]

    def specs(self, arguments: dict[str, Any]) -> Iterator[tuple[Path, Any, Any]]:
        """The path of every example tensor and number that dynamic_shapes speaks of, what it says
        and the example."""
        shapes = self.shapes()
        for index, (argument, value) in enumerate(arguments.items()):
            for path, spec, leaf in _specs(value, _argument_spec(shapes, argument, index)):
                yield (argument, *path), spec, leaf

    def _nested(self, argument: str) -> str:
        """An input by its place among ``(args, kwargs)``."""
        position = list(self.arguments()).index(argument)
        inside = f"[0][{position}]" if position < len(self.built.args) else f"[1][{argument!r}]"
        return f"L['args']{inside}"

    def shapes(self) -> Any:
        """dynamic_shapes as the tree that export makes of it; None if it cannot be made."""
        shapes = self.built.dynamic_shapes
        if not hasattr(shapes, "dynamic_shapes"):
            return shapes  # no `ShapesCollection` and no `AdditionalInputs`
        try:
            made: Any = shapes.dynamic_shapes(
                self.built.model, self.built.args, self.built.kwargs or {}
            )
        except USER_ERRORS:
            return None  # export fails in the same way, and that is told
        return made

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
                    return source.location_of(node)
        return place

    def _expression(self, place: Location) -> tuple[Source | None, ast.expr | None]:
        source = self.workspace.source(place.file)
        return source, source.expression_at(place) if source is not None else None

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
        return source.location_of(expression)


def _part(expression: ast.expr, key: Any, position: Any) -> ast.expr | None:
    """The literal part of a container under a key, or at a position of a sequence."""
    if isinstance(key, Attribute):
        position = key.position
    if isinstance(expression, (ast.Tuple, ast.List)):
        if isinstance(position, int) and position < len(expression.elts):
            return expression.elts[position]
        return None
    if isinstance(expression, ast.Dict):
        for node, value in zip(expression.keys, expression.values, strict=True):
            if isinstance(node, ast.Constant) and node.value == key:
                return value
        return None
    if isinstance(expression, ast.Call) and isinstance(key, Attribute):
        keyword = syntax.entry(expression, key)
        if keyword is None and key.position < len(expression.args):
            return expression.args[key.position]
        return keyword
    return syntax.entry(expression, key) if isinstance(key, str) else None


class Attribute(str):
    """A step of a path that is an attribute: a field of a dataclass or of a named tuple."""

    position: int

    @classmethod
    def at(cls, name: str, position: int) -> Attribute:
        made = cls(name)
        made.position = position
        return made


def children(value: Any) -> list[tuple[Any, Any]]:
    """The parts of a container that export looks into, each with its step; none for a leaf."""
    pairs, _ = pytree.tree_flatten_with_path(value, is_leaf=lambda part: part is not value)
    return [(_step(path[0], position), part) for position, (path, part) in enumerate(pairs) if path]


def _step(key: Any, position: int) -> Any:
    if isinstance(key, pytree.GetAttrKey):
        return Attribute.at(key.name, position)
    return getattr(key, "key", getattr(key, "idx", position))


def at(value: Any, path: Path) -> Any:
    """The part of nested containers at the end of a path, the container where it does not go on."""
    for step in path:
        value = next((part for key, part in children(value) if key == step), value)
    return value


def _argument_spec(shapes: Any, argument: str, index: int) -> Any:
    if isinstance(shapes, dict):
        return shapes.get(argument)
    if isinstance(shapes, (tuple, list)):
        return shapes[index] if index < len(shapes) else None
    return None


def _specs(value: Any, spec: Any) -> Iterator[tuple[Path, Any, Any]]:
    """Every (path, spec, tensor or number) of a spec that mirrors an input."""
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
            for path, inner, leaf in _specs(part, _inner_spec(spec, step, position)):
                yield (step, *path), inner, leaf


def _dims(spec: Any, leaf: Any) -> Iterator[tuple[int | None, Any]]:
    """Every dimension (None for a number) that a spec speaks of, with what it says."""
    if not isinstance(leaf, torch.Tensor):
        yield None, spec
        return
    pairs = spec.items() if isinstance(spec, dict) else enumerate(spec)
    for dimension, dim in pairs:
        if dim is not None and isinstance(dimension, int):
            yield dimension, dim


def _inner_spec(spec: Any, step: Any, position: int) -> Any:
    if isinstance(spec, dict):
        return spec.get(step)
    if isinstance(spec, (list, tuple)):
        return spec[position] if position < len(spec) else None
    return None


def _size(dimension: int | None) -> str:
    return "" if dimension is None else f".size()[{dimension}]"


def _size_of(leaf: Any, dimension: int | None) -> int | None:
    if dimension is None:
        return int(leaf)
    return leaf.shape[dimension] if dimension < leaf.dim() else None


def _called(name: str, dimension: int | None) -> str:
    return name if dimension is None else f"dimension {dimension} of {name}"


def _keys(path: Path) -> str:
    return "".join(f".{step}" if isinstance(step, Attribute) else f"[{step!r}]" for step in path)
