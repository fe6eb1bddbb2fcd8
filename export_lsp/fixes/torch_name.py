"""The name by which code can use `torch` at a location, and the import of it if there is none."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.insertion import Edits, statement_start
from export_lsp.fixes.placement.node_path import NodePath, begin, is_docstring, path_to
from export_lsp.fixes.placement.scopes import (
    bindings,
    bound_in_expression,
    parameters,
    walk_scope,
)
from export_lsp.fixes.placement.text_layout import TextLayout, layout_of
from export_lsp.protocol import Location, Position
from export_lsp.source import Source

TORCH = re.compile(r"(?<![\w.])torch(?=\s*\.)")

Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Module


def with_torch(source: Source, location: Location, code: str) -> tuple[str, Edits] | None:
    """Return code that says `torch` as it has to be written at a location.

    The second item has the edit that imports torch, if nothing in the file does.  None if the
    location is in no statement, or `torch` means something else there.
    """
    path, layout = path_to(source, location), layout_of(source)
    if path is None or layout is None:
        return None
    hidden = {name for scope in path.inner_scopes() for name in bound_in_expression(scope)}
    for scope in reversed(path.outer):
        if isinstance(scope, Scope):
            for name in _names_of_torch(scope, path):
                if name not in hidden:
                    return TORCH.sub(name, code), ()
            hidden |= {name for name, _ in bindings(scope.body)}
            if not isinstance(scope, ast.Module):
                hidden |= parameters(scope.args)
    return None if "torch" in hidden else (code, (_import_edit(source, layout),))


def _names_of_torch(scope: Scope, path: NodePath) -> list[str]:
    """Return the names that a scope imports torch as and binds to nothing else, "torch" first."""
    imported = set(_torch_imports(scope.body))
    others: set[str] = set()
    # A module may bind the name a second time where torch is missing.
    if not isinstance(scope, ast.Module):
        others = {name for name, where in bindings(scope.body) if (name, where) not in imported}
        others |= parameters(scope.args)
        imported = {(name, where) for name, where in imported if where < begin(path.statement)}
    return sorted({name for name, _ in imported} - others, key=lambda name: name != "torch")


def _torch_imports(body: list[ast.stmt]) -> Iterator[tuple[str, tuple[int, int]]]:
    for statement in walk_scope(body):
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                submodule = alias.name.startswith("torch.") and not alias.asname
                if alias.name == "torch" or submodule:
                    yield alias.asname or "torch", (alias.lineno, alias.col_offset)


def _import_edit(source: Source, layout: TextLayout) -> Edit:
    """Return the import of torch, behind the imports that the module begins with.

    It never goes before a docstring or an import from `__future__`.
    """
    body = source.tree.body if source.tree else []
    head = 1 if is_docstring(body[0]) else 0
    imports = head
    while imports < len(body) and isinstance(body[imports], (ast.Import, ast.ImportFrom)):
        imports += 1
    if not imports:
        start = Position(statement_start(source, layout, body[0]).line, 0)
        line_end = layout.line_end(start.line)
        return Edit(Location(source.path, start, start), f"import torch{line_end}{line_end}")
    last = body[imports - 1]
    end = layout.row_end(layout.last_row(source.location_of(last).end))
    line_end = layout.line_end(end.line)
    future = isinstance(last, ast.ImportFrom) and last.module == "__future__"
    gap = line_end if imports == head or future else ""
    return Edit(Location(source.path, end, end), f"{gap}{line_end}import torch")
