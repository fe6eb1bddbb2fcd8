"""`elif`: the branches before it, and its form as an `if` nested in an `else`."""

from __future__ import annotations

import ast

from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.insertion import Edits
from export_lsp.fixes.placement.node_path import NodePath
from export_lsp.fixes.placement.text_layout import TextLayout
from export_lsp.protocol import Location, Position
from export_lsp.source import Source


def earlier_branches(source: Source, path: NodePath) -> list[ast.If]:
    """Return the `if` and `elif` branches before the `elif` a path leads to, the nearest first.

    There are none if the path's statement is no `elif`.
    """
    found: list[ast.If] = []
    nodes = (*path.outer, path.statement)
    for node, below in zip(reversed(nodes[:-1]), reversed(nodes), strict=False):
        if not (isinstance(node, ast.If) and _is_elif(source, below)):
            break
        found.append(node)
    return found


def _is_elif(source: Source, node: ast.AST) -> bool:
    return isinstance(node, ast.If) and source.text.startswith(
        "elif", source.offset(source.location_of(node).start)
    )


def as_nested_if(source: Source, layout: TextLayout, statement: ast.If, lines: list[str]) -> Edits:
    """Return edits that turn an `elif` into an `else` with the lines and an `if` in its block."""
    where = source.location_of(statement)
    start, row = where.start, where.start.line
    outer, inner = layout.indentation(row), layout.block_indentation(row)
    line_break = layout.line_end(row) + inner
    rest = [
        line
        for line in range(row + 1, where.end.line + 1)
        if source.lines[line].strip() and line not in layout.rows_in_strings
    ]
    after_el = Position(row, start.character + len("el"))
    return (
        Edit(layout.leading_line_break(row), f"{layout.line_end(row - 1)}{outer}else:{line_break}"),
        Edit(Location(source.path, start, start), line_break.join([*lines, ""])),
        Edit(Location(source.path, start, after_el), ""),
        *(_deeper(source, layout, line, outer, inner.removeprefix(outer)) for line in rest),
    )


def _deeper(source: Source, layout: TextLayout, row: int, outer: str, unit: str) -> Edit:
    """Return the edit that indents a row by one more unit, behind the outer indentation."""
    where = layout.leading_line_break(row)
    blanks = source.lines[row][: where.end.character]
    rest = blanks.removeprefix(outer)
    kept = blanks[: len(blanks) - len(rest)]
    return Edit(where, f"{layout.line_end(row - 1)}{kept}{unit}{rest}")
