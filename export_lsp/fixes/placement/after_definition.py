"""Inserting statements after a definition that they are about."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.insertion import Edits, indented
from export_lsp.fixes.placement.text_layout import layout_of
from export_lsp.protocol import Location
from export_lsp.source import Source

# Blank lines between the definitions of a module (PEP 8).
BLANK_LINES = 2


def insert_after(source: Source, node: ast.stmt, lines: Sequence[str]) -> Edits | None:
    """Return edits that put lines after a definition, with blank lines between.

    None if another statement follows on the definition's last line.
    """
    layout = layout_of(source)
    where = source.location_of(node)
    if layout is None or layout.token_after(where.end, where.end) is not None:
        return None
    row = where.end.line
    end = layout.row_end(row)
    line_end, indentation = layout.line_end(row), layout.indentation(where.start.line)
    gap = line_end * (1 if indentation else BLANK_LINES)
    text = line_end.join(indented(lines, indentation))
    return (Edit(Location(source.path, end, end), f"{line_end}{gap}{text}"),)
