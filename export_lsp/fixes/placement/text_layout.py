"""A file as its tokens lay it out: logical lines, indentation, line ends."""

from __future__ import annotations

import functools
import tokenize
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass

from export_lsp.protocol import Location, Position
from export_lsp.source import LINE_END, Source

UNIT = "    "

# Wider lines are written on several.
WIDTH = 100

# What stands between the lines rather than in them.
_BLANK = (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT)


@dataclass(frozen=True)
class Token:
    text: str
    start: Position
    end: Position


class Layout:
    """Of a file that parses.  A row is a physical line.

    Raises:
        SyntaxError, tokenize.TokenError: it has no tokens.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        # The rows that begin inside a string: what stands there is no indentation.
        self.in_strings: set[int] = set()
        self._lines: list[list[Token]] = [[]]
        self._widths: Counter[str] = Counter()
        self._read()
        self._starts = [line[0].start for line in self._lines]

    def _read(self) -> None:
        indents = [""]
        strings: list[int] = []
        for token in tokenize.generate_tokens((f"{row}\n" for row in self._source.lines).__next__):
            start, end = _position(token.start), _position(token.end)
            name = tokenize.tok_name[token.type]
            if token.type == tokenize.INDENT:
                self._widths[token.string.removeprefix(indents[-1])] += 1
                indents.append(token.string)
            elif token.type == tokenize.DEDENT:
                indents.pop()
            elif token.type == tokenize.STRING:
                self.in_strings.update(range(start.line + 1, end.line + 1))
            # From Python 3.12 on, an f-string is many tokens.
            elif name.endswith("STRING_START"):
                strings.append(start.line)
            elif name.endswith("STRING_END"):
                self.in_strings.update(range(strings.pop() + 1, end.line + 1))
            if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
                self._lines.append([])
            elif token.type not in _BLANK:
                self._lines[-1].append(Token(token.string, start, end))
        self._lines = [line for line in self._lines if line]

    def line(self, position: Position) -> list[Token]:
        """The tokens of the logical line that a token starts in."""
        index = bisect_left(self._starts, position)
        exact = index < len(self._starts) and self._starts[index] == position
        return self._lines[index if exact else index - 1]

    def previous(self, position: Position) -> Token | None:
        """The token before the one that starts here; None if it is the first of its line."""
        ahead = [token for token in self.line(position) if token.start < position]
        return ahead[-1] if ahead else None

    def next(self, start: Position, end: Position) -> Token | None:
        """The token after what goes from `start` to `end`; None if that ends its line."""
        return next((token for token in self.line(start) if token.start >= end), None)

    def indentation(self, row: int) -> str:
        """The blanks that a row starts with, after a form feed if there is one."""
        text = self._source.lines[row]
        return text[: len(text) - len(text.lstrip(" \t\f"))].rpartition("\f")[2]

    def deeper(self, row: int) -> str:
        """The indentation of a block whose header starts in this row."""
        indentation = self.indentation(row)
        if indentation and not indentation.strip("\t"):
            return indentation + "\t"
        return indentation + max(self._widths, key=self._widths.__getitem__, default=UNIT)

    def newline(self, row: int) -> str:
        """The line end to write in or after a row: its own, or the one before it."""
        end = self._source.offset(Position(row, len(self._source.lines[row])))
        found = LINE_END.match(self._source.text, end)
        if found is None and row:
            return self.newline(row - 1)
        return found[0] if found else "\n"

    def end(self, row: int) -> Position:
        """Where a row ends, before its line end."""
        return Position(row, len(self._source.lines[row]))

    def margin(self, row: int) -> Location:
        """A row's indentation and the line end before it; it is not the first one."""
        start = len(self._source.lines[row]) - len(self._source.lines[row].lstrip(" \t\f"))
        return Location(self._source.path, self.end(row - 1), Position(row, start))


@functools.lru_cache(maxsize=4)
def layout_of(source: Source) -> Layout | None:
    """None if the file does not parse."""
    if source.tree is None:
        return None
    try:
        return Layout(source)
    except (SyntaxError, tokenize.TokenError):
        return None


def _position(place: tuple[int, int]) -> Position:
    return Position(place[0] - 1, place[1])
