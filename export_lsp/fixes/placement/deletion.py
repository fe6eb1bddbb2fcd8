"""Deleting a statement, or all of a compound one but a block of it."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.node_path import NodePath
from export_lsp.fixes.placement.text_layout import TextLayout
from export_lsp.protocol import Location, Position
from export_lsp.source import Source

JUMPS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def deletion(source: Source, layout: TextLayout, path: NodePath) -> Edit:
    """Return the edit that deletes a path's statement, or writes `pass` if it is a whole block."""
    where = source.location_of(path.statement)
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
    return Edit(rows(source, layout, start, layout.last_row(end)), "")


def rows(source: Source, layout: TextLayout, start: Position, last: int) -> Location:
    """Return the range of whole rows with the line end behind them, or before the last row's."""
    if last + 1 < len(source.lines):
        return Location(source.path, Position(start.line, 0), Position(last + 1, 0))
    first = layout.row_end(start.line - 1) if start.line else Position(0, 0)
    return Location(source.path, first, layout.row_end(last))


def unwrapped(
    source: Source, layout: TextLayout, path: NodePath, block: Sequence[ast.stmt]
) -> Edit | None:
    """Return the edit that leaves only a block of a path's statement in its place.

    If the block ends in a jump, what follows the statement is never reached, and is deleted too.
    None if the statement is an `elif`, or if a string spans lines of the block.
    """
    start = source.location_of(path.statement).start
    first, last = source.location_of(block[0]).start, source.location_of(block[-1]).end
    if source.text.startswith("elif", source.offset(start)) or source.text.startswith(
        "elif", source.offset(first)
    ):
        return None
    if layout.token_before(first) is not None:  # on the line of its header
        text = layout.line_end(start.line).join(map(source.text_of, block))
        lines = [text] if len(block) == 1 else []
    else:
        lines = _dedented(
            source, layout, start, range(_with_comments(source, first), last.line + 1)
        )
    if not lines:
        return None
    end = source.location_of(path.statement).end
    if isinstance(block[-1], JUMPS):
        end = source.location_of(path.block[-1]).end
    place = Location(source.path, start, layout.row_end(end.line))
    return Edit(place, layout.line_end(start.line).join(lines))


def _with_comments(source: Source, first: Position) -> int:
    """Return the row of the comments directly above a block's first statement, or its own."""
    row, comment = first.line, source.lines[first.line][: first.character] + "#"
    while source.lines[row - 1].startswith(comment):
        row -= 1
    return row


def _dedented(source: Source, layout: TextLayout, start: Position, block: range) -> list[str]:
    """Return the rows of a block with the indentation of its statement, the first without any."""
    inner, outer = layout.indentation(block[0]), layout.indentation(start.line)
    lines = [source.lines[row] for row in block]
    if layout.rows_in_strings.intersection(block) or not all(
        line.startswith(inner) or not line.strip() for line in lines
    ):
        return []
    first, *others = (line.removeprefix(inner) for line in lines)
    return [first, *(f"{outer}{line}" if line.strip() else line for line in others)]
