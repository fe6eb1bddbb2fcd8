"""The layout of a file's text: logical lines of tokens, indentation, line ends."""

from __future__ import annotations

import functools
import tokenize
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass

from export_lsp.protocol import Location, Position
from export_lsp.source import LINE_END, Source

INDENT = "    "

# New code that is wider is broken into several lines.
LINE_WIDTH = 100

# Tokens between logical lines rather than in them.
_BLANK = (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT)


@dataclass(frozen=True)
class Token:
    text: str
    start: Position
    end: Position


class TextLayout:
    """The layout of a file that parses.  A row is a physical line, counted from 0.

    Raises:
        SyntaxError, tokenize.TokenError: the text cannot be split into tokens.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        # Rows that begin inside a string: their leading blanks are no indentation.
        self.rows_in_strings: set[int] = set()
        self._lines: list[list[Token]] = [[]]
        self._indents: Counter[str] = Counter()
        self._read()
        self._starts = [line[0].start for line in self._lines]

    def _read(self) -> None:
        indents = [""]
        strings: list[int] = []
        for token in tokenize.generate_tokens((f"{row}\n" for row in self._source.lines).__next__):
            start, end = _position(token.start), _position(token.end)
            name = tokenize.tok_name[token.type]
            if token.type == tokenize.INDENT:
                self._indents[token.string.removeprefix(indents[-1])] += 1
                indents.append(token.string)
            elif token.type == tokenize.DEDENT:
                indents.pop()
            elif token.type == tokenize.STRING:
                self.rows_in_strings.update(range(start.line + 1, end.line + 1))
            # From Python 3.12 on an f-string is many tokens.
            elif name.endswith("STRING_START"):
                strings.append(start.line)
            elif name.endswith("STRING_END"):
                self.rows_in_strings.update(range(strings.pop() + 1, end.line + 1))
            if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
                self._lines.append([])
            elif token.type not in _BLANK:
                self._lines[-1].append(Token(token.string, start, end))
        self._lines = [line for line in self._lines if line]

    def logical_line(self, position: Position) -> list[Token]:
        """Return the tokens of the logical line that a token at this position belongs to."""
        index = bisect_left(self._starts, position)
        exact = index < len(self._starts) and self._starts[index] == position
        return self._lines[index if exact else index - 1]

    def last_row(self, position: Position) -> int:
        """Return the last row of the logical line that a position belongs to."""
        return self.logical_line(position)[-1].end.line

    def token_before(self, position: Position) -> Token | None:
        """Return the token before the one that starts here; None if it is its line's first."""
        ahead = [token for token in self.logical_line(position) if token.start < position]
        return ahead[-1] if ahead else None

    def token_after(self, start: Position, end: Position) -> Token | None:
        """Return the token after the code from `start` to `end`; None if that ends its line."""
        return next((token for token in self.logical_line(start) if token.start >= end), None)

    def indentation(self, row: int) -> str:
        """Return the blanks that a row starts with, after the form feed if there is one."""
        text = self._source.lines[row]
        return text[: len(text) - len(text.lstrip(" \t\f"))].rpartition("\f")[2]

    def block_indentation(self, row: int) -> str:
        """Return the indentation of a block whose header starts in this row."""
        indentation = self.indentation(row)
        if indentation and not indentation.strip("\t"):
            return indentation + "\t"
        return indentation + max(self._indents, key=self._indents.__getitem__, default=INDENT)

    def line_end(self, row: int) -> str:
        """Return the line end to write in or after a row: its own, or that of a row before it."""
        end = self._source.offset(Position(row, len(self._source.lines[row])))
        found = LINE_END.match(self._source.text, end)
        if found is None and row:
            return self.line_end(row - 1)
        return found[0] if found else "\n"

    def row_end(self, row: int) -> Position:
        """Return where a row ends, before its line end."""
        return Position(row, len(self._source.lines[row]))

    def leading_line_break(self, row: int) -> Location:
        """Return the range of the line end before a row and the row's indentation.

        The row must not be the first.
        """
        start = len(self._source.lines[row]) - len(self._source.lines[row].lstrip(" \t\f"))
        return Location(self._source.path, self.row_end(row - 1), Position(row, start))


@functools.lru_cache(maxsize=4)
def layout_of(source: Source) -> TextLayout | None:
    """Return the layout of a file; None if it does not parse."""
    if source.tree is None:
        return None
    try:
        return TextLayout(source)
    except (SyntaxError, tokenize.TokenError):
        return None


def _position(place: tuple[int, int]) -> Position:
    return Position(place[0] - 1, place[1])
