"""Where new statements go that are about a definition: after it."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.insertion import Edits, indented
from export_lsp.fixes.placement.text_layout import layout_of
from export_lsp.protocol import Location
from export_lsp.source import Source

# As PEP 8 has it between definitions of a module.
GAP = 2


def after(source: Source, node: ast.stmt, lines: Sequence[str]) -> Edits | None:
    """Edits that put lines after a definition, apart from it; None if it shares its last line."""
    layout = layout_of(source)
    where = source.location_of(node)
    if layout is None or layout.next(where.end, where.end) is not None:
        return None
    row = where.end.line
    end = layout.end(row)
    newline, indentation = layout.newline(row), layout.indentation(where.start.line)
    gap = newline * (1 if indentation else GAP)
    text = newline.join(indented(lines, indentation))
    return (Edit(Location(source.path, end, end), f"{newline}{gap}{text}"),)
