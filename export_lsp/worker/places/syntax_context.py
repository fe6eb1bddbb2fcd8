"""The syntax around a location at which a trace has stopped."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from export_lsp.protocol import Location
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.user_code.workspace import Workspace


def is_caught(error: BaseException, frames: Iterable[Frame], workspace: Workspace) -> bool:
    """Return whether any of the frames is inside of a ``try`` that catches the error."""
    sources = ((workspace.source(frame.location.file), frame.location) for frame in frames)
    return any(
        source is not None and source.is_caught(location, error) for source, location in sources
    )


def is_raised(location: Location, workspace: Workspace) -> bool:
    """Return whether a location is a ``raise`` statement of the user's."""
    source = workspace.source(location.file)
    return source is not None and isinstance(source.statement_at(location), ast.Raise)


def is_definition(location: Location, workspace: Workspace) -> bool:
    """Return whether a location is a function's definition.

    A graph names the definition if it does not know the expression.
    """
    source = workspace.source(location.file)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return source is not None and isinstance(source.statement_at(location), kinds)


def is_stored_to(location: Location, workspace: Workspace) -> bool:
    """Return whether a location is the target of an assignment."""
    return isinstance(getattr(_expression(location, workspace), "ctx", None), ast.Store)


def changes_in_place(location: Location, workspace: Workspace) -> bool:
    """Return whether a location changes a tensor: a method call, by its name, or a stored item."""
    expression = _expression(location, workspace)
    if isinstance(expression, ast.Subscript):
        return isinstance(expression.ctx, ast.Store)
    function = expression.func if isinstance(expression, ast.Call) else None
    return isinstance(function, ast.Attribute) and function.attr.endswith("_")


def _expression(location: Location, workspace: Workspace) -> ast.expr | None:
    source = workspace.source(location.file)
    return source.expression_at(location) if source is not None else None
