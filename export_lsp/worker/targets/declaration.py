"""A target's declaration: its values, and where in the user's files each part is written.

torch names an input by its source, "L['x'][0].size()[1]".  A `Declaration` finds the expression for
the same input in the declaration's syntax, or the innermost literal around it.
"""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch.utils import _pytree as pytree

from export_lsp.protocol import Location
from export_lsp.source import Source
from export_lsp.worker.data.target import Built, Target
from export_lsp.worker.eager.eager_answers import EagerAnswers
from export_lsp.worker.execution.model_state import ModelState
from export_lsp.worker.targets import spec_tree
from export_lsp.worker.targets.input_paths import Attribute, Path, as_suffix, part_at
from export_lsp.worker.targets.shape_entry import ShapeEntry
from export_lsp.worker.text.exception_text import USER_ERRORS
from export_lsp.worker.user_code import syntax
from export_lsp.worker.user_code.workspace import Workspace


@dataclass(frozen=True)
class Declaration:
    """A target with the model, example inputs and dynamic_shapes that its functions made."""

    target: Target
    built: Built
    workspace: Workspace

    @functools.cached_property
    def in_eager(self) -> EagerAnswers:
        """The eager run on the example inputs, one for both modes.

        Access it before the model is traced, since tracing may change the model.
        """
        return EagerAnswers(self.built, ModelState(self.built.model), self.workspace)

    def arguments(self) -> dict[str, Any]:
        """Return the inputs by the names of forward's parameters; empty if they do not fit it."""
        args = self.built.args if isinstance(self.built.args, tuple) else ()
        kwargs = self.built.kwargs if isinstance(self.built.kwargs, dict) else {}
        return self.by_parameter(args, kwargs)

    def by_parameter(self, args: Any, kwargs: Any) -> dict[str, Any]:
        """Return arguments of any kind by the names of forward's parameters; empty if none fit."""
        try:
            return dict(inspect.signature(self.built.model.forward).bind(*args, **kwargs).arguments)
        except (TypeError, ValueError):  # ValueError: a ScriptModule's forward has no signature
            return {}

    def spec_tree(self) -> Any:
        """Return dynamic_shapes as the tree that export makes of it; None if making it fails."""
        shapes = self.built.dynamic_shapes
        if not hasattr(shapes, "dynamic_shapes"):
            return shapes  # neither a `ShapesCollection` nor `AdditionalInputs`
        try:
            tree: Any = shapes.dynamic_shapes(
                self.built.model, self.built.args, self.built.kwargs or {}
            )
        except USER_ERRORS:
            return None  # export fails in the same way and reports it
        return tree

    def specified_inputs(self, arguments: dict[str, Any]) -> Iterator[tuple[Path, Any, Any]]:
        """Yield (path, spec, example) for every tensor and integer that dynamic_shapes names."""
        return spec_tree.specified_inputs(arguments, self.spec_tree())

    def shape_entries(self) -> list[ShapeEntry]:
        """Return every dimension and number in dynamic_shapes, in the order of the inputs."""
        leaves, structure = pytree.tree_flatten((self.built.args, self.built.kwargs or {}))
        numbered = pytree.tree_unflatten(list(range(len(leaves))), structure)
        arguments = self.arguments()
        leaf_numbers = self.by_parameter(*numbered) if arguments else {}
        return [
            self._entry(path, axis, dim, example, leaf_numbers)
            for path, spec, example in self.specified_inputs(arguments)
            for axis, dim in spec_tree.dimensions(spec, example)
        ]

    def spec_location(self, path: Path) -> Location:
        """Return the innermost literal part of dynamic_shapes on a path."""
        return self._innermost(self.target.places.dynamic_shapes, path)

    def example_location(self, path: Path) -> Location:
        """Return the innermost literal part of the example inputs on a path."""
        keywords = self.built.kwargs if isinstance(self.built.kwargs, dict) else {}
        if path and path[0] in keywords:
            return self._innermost(self.target.places.kwargs, path)
        return self._innermost(self.target.places.args, path)

    def key_location(self, location: Location, key: str) -> Location:
        """Return the literal of a key in the dict at a location; else the location itself."""
        source, expression = self._expression(location)
        if isinstance(expression, ast.Dict):
            for node in expression.keys:
                if isinstance(node, ast.Constant) and node.value == key and source is not None:
                    return source.location_of(node)
        return location

    def _entry(
        self, path: Path, axis: int | None, dim: Any, example: Any, leaf_numbers: dict[str, Any]
    ) -> ShapeEntry:
        argument, *steps = path
        size = "" if axis is None else f".size()[{axis}]"
        leaf = part_at(leaf_numbers[argument], tuple(steps))
        name = f"`{argument}{as_suffix(tuple(steps))}`"
        return ShapeEntry(
            source=f"L{as_suffix(path)}{size}",
            flat_source=f"L['flat_args'][{leaf}]{size}",
            nested_source=f"L['args']{self._nested(argument)}{as_suffix(tuple(steps))}{size}",
            description=name if axis is None else f"dimension {axis} of {name}",
            dim=dim,
            size=spec_tree.size_of(example, axis),
            location=self.spec_location(path if axis is None else (*path, axis)),
            input_location=self.spec_location(path),
            example_location=self.example_location(path),
            path=path,
            axis=axis,
            leaf=leaf,
        )

    def _nested(self, argument: str) -> str:
        """Return the subscripts of an input in the pair ``(args, kwargs)``."""
        position = list(self.arguments()).index(argument)
        return f"[0][{position}]" if position < len(self.built.args) else f"[1][{argument!r}]"

    def _expression(self, location: Location) -> tuple[Source | None, ast.expr | None]:
        source = self.workspace.source(location.file)
        return source, source.expression_at(location) if source is not None else None

    def _innermost(self, location: Location, path: Path) -> Location:
        """Follow a path through the literal at a location, as far as it is literal."""
        source, expression = self._expression(location)
        if source is None or expression is None:
            return location
        names = list(self.arguments())
        for depth, step in enumerate(path):
            position = names.index(step) if depth == 0 and step in names else step
            part = _part(expression, step, position)
            if part is None:
                break
            expression = part
        return source.location_of(expression)


def _part(expression: ast.expr, step: Any, position: Any) -> ast.expr | None:
    """Return the part of a literal under a key, or at a position if it is a sequence."""
    if isinstance(step, Attribute):
        position = step.position
    if isinstance(expression, (ast.Tuple, ast.List)):
        if isinstance(position, int) and position < len(expression.elts):
            return expression.elts[position]
        return None
    if isinstance(expression, ast.Dict):
        for node, value in zip(expression.keys, expression.values, strict=True):
            if isinstance(node, ast.Constant) and node.value == step:
                return value
        return None
    if isinstance(expression, ast.Call) and isinstance(step, Attribute):
        keyword = syntax.entry(expression, step)
        if keyword is None and step.position < len(expression.args):
            return expression.args[step.position]
        return keyword
    return syntax.entry(expression, step) if isinstance(step, str) else None
