"""Adding an item behind the last one of a dict or a call."""

from __future__ import annotations

import ast
import io
import tokenize

from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.text_layout import layout_of
from export_lsp.protocol import Location, Position
from export_lsp.source import Source

_SILENT = (tokenize.NL, tokenize.COMMENT, tokenize.NEWLINE, tokenize.ENDMARKER)


def appended_item(source: Source, container: ast.expr, item: str) -> tuple[Edit, ...]:
    """Return the edits that add an item to a literal or a call that has one already.

    The item gets a line of its own if the closing bracket has one.  There are none if
    the code cannot be split into tokens.

    Args:
        source: The file.
        container: The literal or call; its text ends with its closing bracket.
        item: The item's text.
    """
    layout = layout_of(source)
    place = source.location_of(container)
    last = _last_token(source.text[source.offset(place.start) : source.offset(place.end)])
    if layout is None or last is None:
        return ()
    has_comma = last.string == ","
    end = _absolute(place.start, last.end)
    comma = () if has_comma else (Edit(Location(source.path, end, end), ","),)
    closing = source.lines[place.end.line][: place.end.character - 1]
    if closing.strip():
        text = f" {item}," if has_comma and end.line != place.start.line else f" {item}"
        return (*comma, Edit(Location(source.path, end, end), text))
    row_end = layout.row_end(end.line)
    line = source.lines[_first_row_of_last(container, place)]
    indent = line[: len(line) - len(line.lstrip())]
    new = f"{layout.line_end(row_end.line)}{indent}{item},"
    return (*comma, Edit(Location(source.path, row_end, row_end), new))


def _last_token(text: str) -> tokenize.TokenInfo | None:
    """Return the last token before the closing bracket."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return None
    loud = [each for each in tokens if each.type not in _SILENT and each.string]
    return loud[-2] if len(loud) > 1 else None


def _absolute(start: Position, place: tuple[int, int]) -> Position:
    row, column = place
    character = column + (start.character if row == 1 else 0)
    return Position(start.line + row - 1, character)


def _first_row_of_last(container: ast.expr, place: Location) -> int:
    """Return the line, from 0, in which the last item begins."""
    nodes: list[ast.expr | ast.keyword] = []
    if isinstance(container, ast.Dict):
        pairs = zip(container.keys, container.values, strict=True)
        nodes = [key if key is not None else value for key, value in pairs]
    elif isinstance(container, ast.Call):
        nodes = [*container.args, *container.keywords]
    return max((node.lineno - 1 for node in nodes), default=place.start.line)
