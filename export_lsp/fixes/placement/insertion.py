"""Edits that put lines beside a statement, whatever shares its line."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.node_path import begin
from export_lsp.fixes.placement.text_layout import Layout
from export_lsp.protocol import Location, Position
from export_lsp.source import Source

Edits = tuple[Edit, ...]

# What has a block of its own cannot stand beside others in a line.
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


def first(source: Source, layout: Layout, statement: ast.stmt) -> Position:
    """Where a statement starts: with the `@` of its first decorator, if it has one."""
    start = source.position(*begin(statement))
    return start if start == source.location_of(statement).start else layout.line(start)[0].start


def directly_before(
    source: Source, layout: Layout, statement: ast.stmt, lines: Sequence[str]
) -> Edits | None:
    """The lines before a statement; None if they cannot stand there.

    The body of a header that it shares a line with moves to lines of its own; among statements
    in one line they become such.
    """
    start = first(source, layout, statement)
    before = layout.previous(start)
    if before is None:
        newline = layout.newline(start.line)
        text = "".join(f"{row}{newline}" for row in indented(lines, layout.indentation(start.line)))
        at = Position(start.line, 0)
        return (Edit(Location(source.path, at, at), text),)
    here = Location(source.path, start, start)
    if before.text == ";":
        if any(isinstance(node, COMPOUND) for node in ast.parse("\n".join(lines)).body):
            return None
        return (Edit(here, "".join(f"{line}; " for line in lines)),)
    # Two edits, so that several such insertions have the first of them in common.
    margin = broken(layout, start)
    text = margin.join([*lines, ""])
    return (Edit(Location(source.path, before.end, start), margin), Edit(here, text))


def broken(layout: Layout, start: Position) -> str:
    """The line end and indentation for a body that starts here, in the line of its header."""
    row = layout.line(start)[0].start.line
    return layout.newline(row) + layout.deeper(row)


def at_block_end(
    source: Source, layout: Layout, block: Sequence[ast.stmt], lines: Sequence[str]
) -> Edits:
    """The lines after the last statement of a block."""
    start = first(source, layout, block[0])
    before = layout.previous(start)
    last = source.location_of(block[-1]).end
    end = layout.end(layout.line(last)[-1].end.line)
    if before is None:
        moved: Edits = ()
        margin = layout.newline(end.line) + layout.indentation(start.line)
    else:
        margin = broken(layout, start)
        moved = (Edit(Location(source.path, before.end, start), margin),)
    text = "".join(f"{margin}{line}" for line in lines)
    return (*moved, Edit(Location(source.path, end, end), text))


def indented(lines: Sequence[str], indentation: str) -> list[str]:
    return [f"{indentation}{line}" if line.strip() else line for line in lines]


def stands_before(block: Sequence[ast.stmt], statement: ast.stmt | None, line: ast.stmt) -> bool:
    """Whether a line is among the checks directly before a statement, or at the block's end."""
    index = next((i for i, node in enumerate(block) if node is statement), len(block))
    wanted = ast.dump(line)
    for node in reversed(block[:index]):
        if ast.dump(node) == wanted:
            return True
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
            return False
    return False
