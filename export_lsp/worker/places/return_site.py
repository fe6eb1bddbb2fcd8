"""Locate the ``return`` of ``forward``, for findings about a model's outputs."""

from __future__ import annotations

import ast
import inspect

from export_lsp.protocol import Location
from export_lsp.source import first_line
from export_lsp.worker.data.target import Built
from export_lsp.worker.user_code import syntax
from export_lsp.worker.user_code.workspace import Workspace


def return_expression(workspace: Workspace, built: Built) -> Location | None:
    """Return the expression of the last ``return`` in the model's ``forward``.

    None if the source of ``forward`` is not the user's, or if it returns nothing.
    """
    forward = inspect.unwrap(type(built.model).forward)
    code = getattr(forward, "__code__", None)
    source = workspace.source(code.co_filename) if code is not None else None
    if source is None or code is None:
        return None
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef) and first_line(node) == code.co_firstlineno:
            value = syntax.last_return(node)
            return source.location_of(value) if value is not None else None
    return None
