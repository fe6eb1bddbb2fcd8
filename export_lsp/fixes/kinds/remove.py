"""`remove`: delete a statement that is not needed, such as ``torch._dynamo.graph_break()``.

Of the remedy, `location` is the statement, the call that it consists of, or a decorator.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.node_path import NodePath, path_to
from export_lsp.fixes.placement.text_layout import TextLayout, layout_of
from export_lsp.protocol import Location, Position, Remedy
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
        yield Candidate(title, (Edit(_rows(source, layout, start, last), ""),), rewrites=True)
        return
    simple = not any(hasattr(path.statement, field) for field in ("body", "cases"))
    if simple and (remedy.location == where or _is_whole_call(path, remedy.location, source)):
        title = remedy.title or f"Remove `{source.excerpt(where)}`"
        edits = (_deletion(source, layout, path, where),)
        yield Candidate(title, edits, rewrites=True, group=remedy.group)


def _is_decorator(path: NodePath, location: Location, source: Source) -> bool:
    decorators = getattr(path.statement, "decorator_list", [])
    return any(location == source.location_of(decorator) for decorator in decorators)


def _is_whole_call(path: NodePath, location: Location, source: Source) -> bool:
    """Return whether the call at a location is all of its statement."""
    statement = path.statement
    return isinstance(statement, ast.Expr) and location == source.location_of(statement.value)


def _deletion(source: Source, layout: TextLayout, path: NodePath, where: Location) -> Edit:
    """Return the edit that deletes a statement, or writes `pass` if its block has no other."""
    start, end = where.start, where.end
    if len(path.block) == 1 and not isinstance(path.outer[-1], ast.Module):
        return Edit(where, "pass")
    before, semicolon = layout.token_before(start), layout.token_after(start, end)
    following = layout.token_after(start, semicolon.end) if semicolon else None
    if following is not None:
        return Edit(Location(source.path, start, following.start), "")
    if before is not None and before.text == ";":
        previous = layout.token_before(before.start)
        return Edit(Location(source.path, previous.end if previous else start, end), "")
    return Edit(_rows(source, layout, start, layout.last_row(start)), "")


def _rows(source: Source, layout: TextLayout, start: Position, last: int) -> Location:
    """Return the range of whole rows with the line end behind them, or before the last row's."""
    if last + 1 < len(source.lines):
        return Location(source.path, Position(start.line, 0), Position(last + 1, 0))
    first = layout.row_end(start.line - 1) if start.line else Position(0, 0)
    return Location(source.path, first, layout.row_end(last))
