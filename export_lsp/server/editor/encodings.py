r"""Positions as the client counts them (LSP 3.17, Position).

`protocol.Position` counts code points, a client counts code units of the negotiated encoding.
Lines end at ``\n``, ``\r\n`` and ``\r`` only, as in LSP; `str.splitlines` also splits at form
feeds and Unicode separators, which would shift all lines below.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from lsprotocol import types

from export_lsp.protocol import Position
from export_lsp.source import without_line_end

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_CODECS: dict[Encoding, tuple[str, int]] = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2)}


def to_units(line: str, character: int, encoding: Encoding) -> int:
    """Return a column in code units from one in code points, at most the end of the line."""
    before = line[:character]
    if encoding == "utf-32" or before.isascii():
        return len(before)
    codec, width = _CODECS[encoding]
    return len(before.encode(codec, "surrogatepass")) // width


def to_character(line: str, units: int, encoding: Encoding) -> int:
    """Return a column in code points from one in code units, at most the end of the line.

    A column inside a character becomes the character's start.
    """
    if encoding == "utf-32" or line.isascii():
        return min(units, len(line))
    seen = 0
    for index, letter in enumerate(line):
        seen += to_units(letter, 1, encoding)
        if seen > units:
            return index
    return len(line)


def to_client(lines: Sequence[str], position: Position, encoding: Encoding) -> types.Position:
    """Return a position as the client counts it, at most the end of the text."""
    if position.line >= len(lines):
        position = Position(len(lines) - 1, len(lines[-1]))
    line = without_line_end(lines[position.line])
    return types.Position(position.line, to_units(line, position.character, encoding))


def from_client(lines: Sequence[str], position: types.Position, encoding: Encoding) -> Position:
    """Return a position of the client in code points, at most the end of its line and the text."""
    if position.line >= len(lines):
        return Position(len(lines) - 1, len(lines[-1]))
    line = without_line_end(lines[position.line])
    return Position(position.line, to_character(line, position.character, encoding))
