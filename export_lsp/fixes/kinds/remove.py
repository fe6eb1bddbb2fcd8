"""`remove`: delete a statement that is not needed, such as ``torch._dynamo.graph_break()``.

Of the remedy, `location` is the statement, the call that it consists of, or a decorator.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.deletion import deletion, rows
from export_lsp.fixes.placement.node_path import NodePath, path_to
from export_lsp.fixes.placement.text_layout import layout_of
from export_lsp.protocol import Location, Remedy
from export_lsp.source import Source


def candidates(remedy: Remedy, sources: Sources) -> Iterator[Candidate]:
    """Yield the deletion; none for a compound statement."""
    source = sources[remedy.location.file]
    path, layout = path_to(source, remedy.location), layout_of(source)
    if path is None or layout is None:
        return
    where = source.location_of(path.statement)
    if _is_decorator(path, remedy.location, source):
        title = f"Remove `@{source.excerpt(remedy.location)}`"
        start, last = remedy.location.start, remedy.location.end.line
        yield Candidate(title, (Edit(rows(source, layout, start, last), ""),), rewrites=True)
        return
    simple = not any(hasattr(path.statement, field) for field in ("body", "cases"))
    if simple and (remedy.location == where or _is_whole_call(path, remedy.location, source)):
        title = remedy.title or f"Remove `{source.excerpt(where)}`"
        edits = (deletion(source, layout, path),)
        yield Candidate(title, edits, rewrites=True, group=remedy.group)


def _is_decorator(path: NodePath, location: Location, source: Source) -> bool:
    decorators = getattr(path.statement, "decorator_list", [])
    return any(location == source.location_of(decorator) for decorator in decorators)


def _is_whole_call(path: NodePath, location: Location, source: Source) -> bool:
    """Return whether the call at a location is all of its statement."""
    statement = path.statement
    return isinstance(statement, ast.Expr) and location == source.location_of(statement.value)
