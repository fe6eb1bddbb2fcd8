"""What the user's syntax says of a place where a trace has stopped."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from export_lsp.protocol import Location
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.user_code.workspace import Workspace


def is_caught(error: BaseException, frames: Iterable[Frame], workspace: Workspace) -> bool:
    """Whether the user's own code catches what is raised in the innermost of these frames."""
    sources = ((workspace.source(frame.location.file), frame.location) for frame in frames)
    return any(source is not None and source.is_caught(place, error) for source, place in sources)


def is_raised(place: Location, workspace: Workspace) -> bool:
    """Whether the user's own code raises there."""
    source = workspace.source(place.file)
    return source is not None and isinstance(source.statement_at(place), ast.Raise)


def is_definition(place: Location, workspace: Workspace) -> bool:
    """Whether that is a function's definition: what a graph names that knows no better."""
    source = workspace.source(place.file)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return source is not None and isinstance(source.statement_at(place), kinds)


def is_stored_to(place: Location, workspace: Workspace) -> bool:
    """Whether an assignment stores there."""
    return isinstance(getattr(_expression(place, workspace), "ctx", None), ast.Store)


def changes_in_place(place: Location, workspace: Workspace) -> bool:
    """Whether a call there changes a tensor, by its name."""
    call = _expression(place, workspace)
    function = call.func if isinstance(call, ast.Call) else None
    return isinstance(function, ast.Attribute) and function.attr.endswith("_")


def _expression(place: Location, workspace: Workspace) -> ast.expr | None:
    source = workspace.source(place.file)
    return source.expression_at(place) if source is not None else None
