"""Adding lines to the end of a module."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.text_layout import layout_of
from export_lsp.protocol import Location, Position
from export_lsp.source import Source


def appended(source: Source, lines: Sequence[str]) -> Edit | None:
    """Return the edit that adds lines to the end of a module, before ``if __name__ == …``.

    None if the module is empty, or does not parse.
    """
    layout = layout_of(source)
    body = source.tree.body if source.tree is not None else []
    if layout is None or not body:
        return None
    last = body[-1]
    line_end = layout.line_end(0)
    if isinstance(last, ast.If) and "__name__" in ast.unparse(last.test) and len(body) > 1:
        start = Position(source.location_of(last).start.line, 0)
        text = line_end.join([*lines, "", "", ""])
        return Edit(Location(source.path, start, start), text)
    end = layout.row_end(source.location_of(last).end.line)
    text = line_end.join(["", "", "", *lines])
    return Edit(Location(source.path, end, end), text)
