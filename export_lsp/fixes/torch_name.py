"""The name that `torch` has at a place, and the import of it if it has none."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.insertion import Edits, first
from export_lsp.fixes.placement.node_path import Around, around, begin, is_docstring
from export_lsp.fixes.placement.scopes import bindings, bound_in, in_scope, parameters
from export_lsp.fixes.placement.text_layout import Layout, layout_of
from export_lsp.protocol import Location, Position
from export_lsp.source import Source

TORCH = re.compile(r"(?<![\w.])torch(?=\s*\.)")


def with_torch(source: Source, place: Location, code: str) -> tuple[str, Edits] | None:
    """Code that says `torch` as it has to be written at a place, and edits that import torch if
    nothing does.

    None if `torch` is something else there.
    """
    there, layout = around(source, place), layout_of(source)
    if there is None or layout is None:
        return None
    hidden = {name for scope in there.entered() for name in bound_in(scope)}
    for scope in reversed(there.outer):
        if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
            for name in _imported(scope, there):
                if name not in hidden:
                    return TORCH.sub(name, code), ()
            hidden |= {name for name, _ in bindings(scope.body)}
            if not isinstance(scope, ast.Module):
                hidden |= parameters(scope.args)
    return None if "torch" in hidden else (code, (_import(source, layout),))


def _imported(
    scope: ast.FunctionDef | ast.AsyncFunctionDef | ast.Module, there: Around
) -> list[str]:
    """The names that a scope gives torch, and nothing else."""
    by_import = set(_imports(scope.body))
    others = {name for name, where in bindings(scope.body) if (name, where) not in by_import}
    if isinstance(scope, ast.Module):
        # The rest is for where torch is missing.
        others = set()
    else:
        others |= parameters(scope.args)
        by_import = {(name, where) for name, where in by_import if where < begin(there.statement)}
    return sorted({name for name, _ in by_import} - others, key=lambda name: name != "torch")


def _imports(body: list[ast.stmt]) -> Iterator[tuple[str, tuple[int, int]]]:
    for statement in in_scope(body):
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                within = alias.name.startswith("torch.") and not alias.asname
                if alias.name == "torch" or within:
                    yield alias.asname or "torch", (alias.lineno, alias.col_offset)


def _import(source: Source, layout: Layout) -> Edit:
    """After the imports that the module begins with; never before what has to be the first."""
    body = source.tree.body if source.tree else []
    head = 1 if is_docstring(body[0]) else 0
    imports = head
    while imports < len(body) and isinstance(body[imports], (ast.Import, ast.ImportFrom)):
        imports += 1
    if not imports:
        start = Position(first(source, layout, body[0]).line, 0)
        newline = layout.newline(start.line)
        return Edit(Location(source.path, start, start), f"import torch{newline}{newline}")
    last = body[imports - 1]
    end = layout.end(layout.line(source.location_of(last).end)[-1].end.line)
    newline = layout.newline(end.line)
    future = isinstance(last, ast.ImportFrom) and last.module == "__future__"
    gap = newline if imports == head or future else ""
    return Edit(Location(source.path, end, end), f"{gap}{newline}import torch")
