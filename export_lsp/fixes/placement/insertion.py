"""Edits that insert lines next to a statement, even one that shares its line with others."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.node_path import begin
from export_lsp.fixes.placement.text_layout import TextLayout
from export_lsp.protocol import Location, Position
from export_lsp.source import Source

Edits = tuple[Edit, ...]

# A statement with a block of its own cannot share its line with another.
COMPOUND = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.Match,
)


def statement_start(source: Source, layout: TextLayout, statement: ast.stmt) -> Position:
    """Return where a statement starts: at the `@` of its first decorator if it has one."""
    start = source.position(*begin(statement))
    undecorated = start == source.location_of(statement).start
    return start if undecorated else layout.logical_line(start)[0].start


def lines_before(
    source: Source, layout: TextLayout, statement: ast.stmt, lines: Sequence[str]
) -> Edits | None:
    """Return edits that put lines before a statement; None if they cannot go there.

    A body that shares the line of its header moves to lines of its own.  Among statements that
    share a line the new ones join that line.
    """
    start = statement_start(source, layout, statement)
    before = layout.token_before(start)
    if before is None:
        line_end = layout.line_end(start.line)
        rows = indented(lines, layout.indentation(start.line))
        at = Position(start.line, 0)
        return (Edit(Location(source.path, at, at), "".join(f"{row}{line_end}" for row in rows)),)
    here = Location(source.path, start, start)
    if before.text == ";":
        if any(isinstance(node, COMPOUND) for node in ast.parse("\n".join(lines)).body):
            return None
        return (Edit(here, "".join(f"{line}; " for line in lines)),)
    # Two edits, so that several such insertions have the first of them in common.
    line_break = body_line_break(layout, start)
    text = line_break.join([*lines, ""])
    return (Edit(Location(source.path, before.end, start), line_break), Edit(here, text))


def body_line_break(layout: TextLayout, start: Position) -> str:
    """Return the line end and indentation for a body that starts on its header's line."""
    row = layout.logical_line(start)[0].start.line
    return layout.line_end(row) + layout.block_indentation(row)


def lines_at_block_end(
    source: Source, layout: TextLayout, block: Sequence[ast.stmt], lines: Sequence[str]
) -> Edits:
    """Return edits that put lines after the last statement of a block."""
    start = statement_start(source, layout, block[0])
    before = layout.token_before(start)
    end = layout.row_end(layout.last_row(source.location_of(block[-1]).end))
    if before is None:
        moved: Edits = ()
        line_break = layout.line_end(end.line) + layout.indentation(start.line)
    else:
        line_break = body_line_break(layout, start)
        moved = (Edit(Location(source.path, before.end, start), line_break),)
    text = "".join(f"{line_break}{line}" for line in lines)
    return (*moved, Edit(Location(source.path, end, end), text))


def indented(lines: Sequence[str], indentation: str) -> list[str]:
    """Return the lines with an indentation; empty ones stay empty."""
    return [f"{indentation}{line}" if line.strip() else line for line in lines]


def is_already_before(
    block: Sequence[ast.stmt], statement: ast.stmt | None, line: ast.stmt
) -> bool:
    """Return whether a line is among the calls directly before a statement of a block.

    With None for the statement it is among those at the end of the block.
    """
    index = next((i for i, node in enumerate(block) if node is statement), len(block))
    wanted = ast.dump(line)
    for node in reversed(block[:index]):
        if ast.dump(node) == wanted:
            return True
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
            return False
    return False
