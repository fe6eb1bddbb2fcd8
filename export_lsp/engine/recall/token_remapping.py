"""Texts with equal tokens: they differ in comments and whitespace, and give equal results."""

from __future__ import annotations

import bisect
import hashlib
import io
import re
import tokenize
from collections.abc import Iterator

from export_lsp.engine.results.anchored import Lines, Range
from export_lsp.protocol import Position
from export_lsp.source import split_lines

_IGNORED = {tokenize.COMMENT, tokenize.NL, tokenize.ENCODING}
# Their presence matters, their text is whitespace.
_WHITESPACE = {tokenize.INDENT, tokenize.DEDENT, tokenize.NEWLINE, tokenize.ENDMARKER}
# `torch.jit.script` reads a function's types from these comments.
_TYPE_COMMENT = re.compile(r"#\s*type:")


def token_digest(text: str) -> str | None:
    """Return a digest of a text's tokens, None if it does not tokenize."""
    digest = hashlib.sha256()
    try:
        for token in _tokens(text):
            string = "" if token.type in _WHITESPACE else token.string
            digest.update(f"{token.type}:{len(string)}:{string}".encode("utf-8", "surrogatepass"))
    except (tokenize.TokenError, SyntaxError):
        return None
    return digest.hexdigest()


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _IGNORED or _TYPE_COMMENT.match(token.string):
            yield token


class TokenRemapping:
    """The `Remapping` of two texts with the same `token_digest`: each token maps to its equal."""

    def __init__(self, old: str, new: str) -> None:
        self._old, self._new = split_lines(old), split_lines(new)
        self._tokens, self._moved = list(_ranges(old)), list(_ranges(new))
        self._starts = [start for start, _ in self._tokens]

    @property
    def lines(self) -> Lines:
        """The lines of the new text."""
        return self._new

    def range(self, start: Position, end: Position) -> Range | None:
        """Return where a range is now, None if its text or the whitespace before it differs."""
        if start == end == Position(0, 0):
            return start, end
        moved_start = self._position(start, at_end=False)
        moved_end = moved_start if start == end else self._position(end, at_end=True)
        if moved_start is None or moved_end is None:
            return None
        if _text(self._old, start, end) != _text(self._new, moved_start, moved_end):
            return None
        return moved_start, moved_end

    def edit(self, start: Position, end: Position) -> Range | None:
        """Return where to apply an edit now: wherever its range is, as the code is the same."""
        return self.range(start, end)

    def line(self, line: int) -> int | None:
        """Return where the code of a line is now, None if the line has none."""
        index = bisect.bisect_left(self._starts, Position(line, 0))
        if index == len(self._starts) or self._starts[index].line != line:
            return None
        return self._moved[index][0].line

    def _position(self, position: Position, *, at_end: bool) -> Position | None:
        """A position `at_end` of a range belongs to the token before it, any other to the next."""
        find = bisect.bisect_left if at_end else bisect.bisect_right
        index = find(self._starts, position) - 1
        if index >= 0 and position <= self._tokens[index][1]:
            return self._inside_token(index, position)
        following = index + 1
        if following < len(self._tokens) and self._starts[following].line == position.line:
            return self._before_token(following, position)
        return None

    def _inside_token(self, index: int, position: Position) -> Position:
        old, new = self._tokens[index][0], self._moved[index][0]
        line = new.line + position.line - old.line
        if position.line != old.line:
            return Position(line, position.character)  # in a string of several lines
        return Position(line, new.character + position.character - old.character)

    def _before_token(self, index: int, position: Position) -> Position | None:
        """A position in the whitespace before a token, if both texts have the same there."""
        old, new = self._tokens[index][0], self._moved[index][0]
        before = self._old[old.line][: old.character], self._new[new.line][: new.character]
        return Position(new.line, position.character) if before[0] == before[1] else None


def _ranges(text: str) -> Iterator[Range]:
    for token in _tokens(text):
        if token.type not in _WHITESPACE:
            (start_line, start), (end_line, end) = token.start, token.end
            yield Position(start_line - 1, start), Position(end_line - 1, end)


def _text(lines: list[str], start: Position, end: Position) -> str:
    found = lines[start.line : end.line + 1]
    found[-1] = found[-1][: end.character]
    found[0] = found[0][start.character :]
    return "".join(found)
