"""`elif`: the chain it is part of, and how it becomes an `if` in an `else`."""

from __future__ import annotations

import ast

from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.insertion import Edits
from export_lsp.fixes.placement.node_path import Around
from export_lsp.fixes.placement.text_layout import Layout
from export_lsp.protocol import Location, Position
from export_lsp.source import Source


def heads(source: Source, place: Around) -> list[ast.If]:
    """The `if` and the `elif` before the `elif` that the place's statement is, innermost first."""
    found: list[ast.If] = []
    nodes = (*place.outer, place.statement)
    for node, below in zip(reversed(nodes[:-1]), reversed(nodes), strict=False):
        start = source.offset(source.location_of(below).start) if isinstance(below, ast.If) else 0
        is_elif = isinstance(below, ast.If) and source.text.startswith("elif", start)
        if not (is_elif and isinstance(node, ast.If)):
            break
        found.append(node)
    return found


def nested(source: Source, layout: Layout, statement: ast.If, lines: list[str]) -> Edits:
    """An `elif` as an `else` that has the lines, and after them the rest of the chain."""
    where = source.location_of(statement)
    here, row = where.start, where.start.line
    outer, inner = layout.indentation(row), layout.deeper(row)
    margin = layout.newline(row) + inner
    rows = [
        line
        for line in range(row + 1, where.end.line + 1)
        if source.lines[line].strip() and line not in layout.in_strings
    ]
    after_el = Position(row, here.character + len("el"))
    return (
        Edit(layout.margin(row), f"{layout.newline(row - 1)}{outer}else:{margin}"),
        Edit(Location(source.path, here, here), margin.join([*lines, ""])),
        Edit(Location(source.path, here, after_el), ""),
        *(_reindented(source, layout, line, outer, inner.removeprefix(outer)) for line in rows),
    )


def _reindented(source: Source, layout: Layout, row: int, outer: str, unit: str) -> Edit:
    where = layout.margin(row)
    blanks = source.lines[row][: where.end.character]
    rest = blanks.removeprefix(outer)
    kept = blanks[: len(blanks) - len(rest)]
    return Edit(where, f"{layout.newline(row - 1)}{kept}{unit}{rest}")
