"""`remove`: take out a statement that is not needed, such as ``torch._dynamo.graph_break()``.

Of the remedy, `location` is the statement, or the call that is all of it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.node_path import Around, around
from export_lsp.fixes.placement.text_layout import Layout, layout_of
from export_lsp.protocol import Location, Position, Remedy
from export_lsp.source import Source


def candidates(remedy: Remedy, sources: Sources) -> Iterator[Candidate]:
    source = sources[remedy.location.file]
    there, layout = around(source, remedy.location), layout_of(source)
    if there is None or layout is None:
        return
    where = source.location_of(there.statement)
    if _is_decorator(there, remedy.location, source):
        title = f"Remove `@{source.excerpt(remedy.location)}`"
        start, last = remedy.location.start, remedy.location.end.line
        yield Candidate(title, (Edit(_rows(source, layout, start, last), ""),), rewrites=True)
        return
    simple = not any(hasattr(there.statement, field) for field in ("body", "cases"))
    if simple and (remedy.location == where or _is_call(there, remedy.location, source)):
        title = remedy.title or f"Remove `{source.excerpt(where)}`"
        edits = (_without(source, layout, there, where),)
        yield Candidate(title, edits, rewrites=True, group=remedy.group)


def _is_decorator(there: Around, location: Location, source: Source) -> bool:
    decorators = getattr(there.statement, "decorator_list", [])
    return any(location == source.location_of(decorator) for decorator in decorators)


def _is_call(there: Around, location: Location, source: Source) -> bool:
    """Whether a place is the call that is all of its statement."""
    statement = there.statement
    return isinstance(statement, ast.Expr) and location == source.location_of(statement.value)


def _without(source: Source, layout: Layout, there: Around, where: Location) -> Edit:
    start, end = where.start, where.end
    if len(there.block) == 1 and not isinstance(there.outer[-1], ast.Module):
        return Edit(where, "pass")
    previous, semicolon = layout.previous(start), layout.next(start, end)
    behind = layout.next(start, semicolon.end) if semicolon else None
    if behind is not None:
        return Edit(Location(source.path, start, behind.start), "")
    if previous is not None and previous.text == ";":
        before = layout.previous(previous.start)
        return Edit(Location(source.path, before.end if before else start, end), "")
    return Edit(_rows(source, layout, start, layout.line(start)[-1].end.line), "")


def _rows(source: Source, layout: Layout, start: Position, last: int) -> Location:
    """Whole rows with a line end of theirs: the one behind, or before if it is the file's last."""
    if last + 1 < len(source.lines):
        return Location(source.path, Position(start.line, 0), Position(last + 1, 0))
    first = layout.end(start.line - 1) if start.line else Position(0, 0)
    return Location(source.path, first, layout.end(last))
