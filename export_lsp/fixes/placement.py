"""Where a new statement goes: before the one a place is in, with its indentation."""

from __future__ import annotations

import ast

from export_lsp.fixes.edits import Edit
from export_lsp.protocol import Location, Position
from export_lsp.source import Source


def before(source: Source, place: Location, line: str) -> tuple[Edit, ...] | None:
    """Edits that put `line` before the statement around a place; None if it cannot stand there."""
    statement = next((n for n in source.enclosing(place) if isinstance(n, ast.stmt)), None)
    if statement is None:
        return None
    start = source.node(statement).start
    indentation = source.lines[start.line][: start.character]
    if indentation.strip():
        return None
    at = Position(start.line, 0)
    newline = _newline(source)
    return (Edit(Location(source.path, at, at), f"{indentation}{line}{newline}"),)


def _newline(source: Source) -> str:
    return "\r\n" if "\r\n" in source.text else "\n"
