"""The definitions of classes in the user's files."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from export_lsp.protocol import Location
from export_lsp.worker.user_code import syntax
from export_lsp.worker.user_code.workspace import Workspace

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

# Stands in a qualified name for the inside of a function.
LOCALS = "<locals>"


def defined_name(kind: type, workspace: Workspace) -> Location | None:
    """Return the name in the definition of a class; None if that is not in the user's files."""
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    source = workspace.sources.get(file) if isinstance(file, str) else None
    if source is None or source.tree is None:
        return None
    found: ast.AST | None = source.tree
    for name in kind.__qualname__.split("."):
        if name != LOCALS and found is not None:
            found = next((each for each in _definitions(found) if each.name == name), None)
    if not isinstance(found, ast.ClassDef):
        return None
    return source.location_of(syntax.name_of(found, source.lines))


def _definitions(node: ast.AST) -> Iterator[Definition]:
    """Yield the classes and functions that are defined in a scope, the last one first."""
    for child in reversed(list(ast.iter_child_nodes(node))):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
        elif isinstance(child, ast.stmt | ast.excepthandler):
            yield from _definitions(child)
