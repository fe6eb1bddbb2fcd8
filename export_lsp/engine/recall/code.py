"""What Python makes of a text: two that differ in comments and space only have the same code."""

from __future__ import annotations

import bisect
import hashlib
import io
import re
import tokenize
from collections.abc import Iterator

from export_lsp.protocol import Position
from export_lsp.source import split_lines

_SKIPPED = {tokenize.COMMENT, tokenize.NL, tokenize.ENCODING}
# Their string is space; that they are there is what counts.
_SPACE = {tokenize.INDENT, tokenize.DEDENT, tokenize.NEWLINE, tokenize.ENDMARKER}
# `torch.jit.script` reads the types of a function from them.
_TYPE_COMMENT = re.compile(r"#\s*type:")

Place = tuple[Position, Position]


def code_of(text: str) -> str | None:
    """A digest of the tokens of a text; None if it does not tokenize."""
    digest = hashlib.sha256()
    try:
        for token in _tokens(text):
            string = "" if token.type in _SPACE else token.string
            digest.update(f"{token.type}:{len(string)}:{string}".encode("utf-8", "surrogatepass"))
    except (tokenize.TokenError, SyntaxError):
        return None
    return digest.hexdigest()


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _SKIPPED or _TYPE_COMMENT.match(token.string):
            yield token


class Way:
    """From the places of a text to those of another one that has the same code."""

    def __init__(self, old: str, new: str) -> None:
        self._old, self._new = split_lines(old), split_lines(new)
        self._places, self._now = list(_places(old)), list(_places(new))
        self._starts = [start for start, _ in self._places]

    def range(self, start: Position, end: Position) -> Place | None:
        """Where the range is now; None if its text, or the space before it, is another."""
        if start == end == Position(0, 0):
            return start, end
        moved_start = self._position(start, at_end=False)
        moved_end = moved_start if start == end else self._position(end, at_end=True)
        if moved_start is None or moved_end is None:
            return None
        if _text(self._old, start, end) != _text(self._new, moved_start, moved_end):
            return None
        return moved_start, moved_end

    def line(self, line: int) -> int | None:
        """Where the code of a line is now."""
        index = bisect.bisect_left(self._starts, Position(line, 0))
        if index == len(self._starts) or self._starts[index].line != line:
            return None
        return self._now[index][0].line

    def _position(self, position: Position, *, at_end: bool) -> Position | None:
        """`at_end` says that what stands before it belongs to it."""
        find = bisect.bisect_left if at_end else bisect.bisect_right
        index = find(self._starts, position) - 1
        if index >= 0 and position <= self._places[index][1]:
            return self._within(index, position)
        following = index + 1
        if following < len(self._places) and self._starts[following].line == position.line:
            return self._before(following, position)
        return None

    def _within(self, index: int, position: Position) -> Position:
        old, new = self._places[index][0], self._now[index][0]
        line = new.line + position.line - old.line
        if position.line != old.line:
            return Position(line, position.character)  # in a string of several lines
        return Position(line, new.character + position.character - old.character)

    def _before(self, index: int, position: Position) -> Position | None:
        """A place in the space before a token, where that is the same."""
        old, new = self._places[index][0], self._now[index][0]
        before = self._old[old.line][: old.character], self._new[new.line][: new.character]
        return Position(new.line, position.character) if before[0] == before[1] else None


def _places(text: str) -> Iterator[Place]:
    for token in _tokens(text):
        if token.type not in _SPACE:
            (start_line, start), (end_line, end) = token.start, token.end
            yield Position(start_line - 1, start), Position(end_line - 1, end)


def _text(lines: list[str], start: Position, end: Position) -> str:
    found = lines[start.line : end.line + 1]
    found[-1] = found[-1][: end.character]
    found[0] = found[0][start.character :]
    return "".join(found)
