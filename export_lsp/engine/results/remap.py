"""Ranges of the text that was checked, found again in the text as it is now.

A check takes longer than a keystroke, so its ranges are remapped through the edits made since.  A
range survives if its own text does; one that was edited is dropped, its finding is out of date.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import cached_property

from export_lsp.protocol import Position
from export_lsp.source import without_line_end


class Remapping:
    """The way from one text's positions to another's; both are given as lines.

    Lines outside the first and the last difference are mapped by counting, the rest by a line
    diff, edited lines by what their two versions share at either end.
    """

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        self._old = [without_line_end(line) for line in old]
        self._new = [without_line_end(line) for line in new]
        shorter = min(len(self._old), len(self._new))
        self._head = _common(self._old, self._new, shorter)
        self._tail = _common(self._old[::-1], self._new[::-1], shorter - self._head)

    def range(self, start: Position, end: Position) -> tuple[Position, Position] | None:
        """Where the range is now; None if its text changed or is gone."""
        first = self._line(start.line)
        last = self._line(end.line)
        if first is None or last is None or last - first != end.line - start.line:
            return None
        shift = first - start.line
        moved = self._ends(start, end, shift)
        if moved is None and start.line == end.line:
            moved = self._only_occurrence(start, end, shift)
        if moved is None or self._grown(start, end, *moved):
            return None
        if self._text(self._old, start, end) != self._text(self._new, *moved):
            return None
        return moved

    def _ends(self, start: Position, end: Position, shift: int) -> tuple[Position, Position] | None:
        moved_start = self._column(start, shift, at_end=start == end)
        moved_end = self._column(end, shift, at_end=True)
        if moved_start is None or moved_end is None or moved_end < moved_start:
            return None
        return moved_start, moved_end

    def _only_occurrence(
        self, start: Position, end: Position, shift: int
    ) -> tuple[Position, Position] | None:
        """The range's text on its edited line, if it stands there once and stood there once."""
        old, new = self._old[start.line], self._new[start.line + shift]
        text = old[start.character : end.character]
        if old.count(text) != 1 or new.count(text) != 1:
            return None
        line, column = start.line + shift, new.index(text)
        return Position(line, column), Position(line, column + len(text))

    def _grown(
        self, start: Position, end: Position, moved_start: Position, moved_end: Position
    ) -> bool:
        """Whether the expression goes on where it ended: ``n > 0`` in what is now ``n > 0.5``."""
        before = _letter(self._old, start, -1), _letter(self._new, moved_start, -1)
        after = _letter(self._old, end, 0), _letter(self._new, moved_end, 0)
        return start != end and any(
            was != now and (now.isalnum() or now in "_.") for was, now in (before, after) if now
        )

    def _line(self, line: int) -> int | None:
        # A run that read an older text may point beyond the one that was saved since.
        if line >= len(self._old):
            return None
        if line < self._head:
            return line
        if line >= len(self._old) - self._tail:
            return line + len(self._new) - len(self._old)
        return self._middle.get(line)

    @cached_property
    def _middle(self) -> dict[int, int]:
        """The new line of each old line between the first and the last difference.

        A block replaced by one of as many lines counts as those lines edited.
        """
        stop_old, stop_new = len(self._old) - self._tail, len(self._new) - self._tail
        matcher = difflib.SequenceMatcher(
            None, self._old[self._head : stop_old], self._new[self._head : stop_new]
        )
        lines: dict[int, int] = {}
        for tag, start, stop, new_start, new_stop in matcher.get_opcodes():
            if tag == "equal" or (tag == "replace" and stop - start == new_stop - new_start):
                for offset in range(stop - start):
                    lines[self._head + start + offset] = self._head + new_start + offset
        return lines

    def _column(self, position: Position, shift: int, *, at_end: bool) -> Position | None:
        """A position on its line's new version; `at_end` says which side of it belongs to it."""
        old, new = self._old[position.line], self._new[position.line + shift]
        if old == new:
            return Position(position.line + shift, position.character)
        shorter = min(len(old), len(new))
        head = _common(old, new, shorter)
        tail = _common(old[::-1], new[::-1], shorter - head)
        column = position.character
        in_head = column <= head if at_end else column < head
        if in_head:
            return Position(position.line + shift, column)
        if column >= len(old) - tail:
            return Position(position.line + shift, column + len(new) - len(old))
        return None

    @staticmethod
    def _text(lines: Sequence[str], start: Position, end: Position) -> list[str]:
        text = list(lines[start.line : end.line + 1])
        text[-1] = text[-1][: end.character]
        text[0] = text[0][start.character :]
        return text


def _letter(lines: Sequence[str], position: Position, offset: int) -> str:
    """The character beside a position, "" at an end of the line."""
    index = position.character + offset
    return lines[position.line][index : index + 1] if index >= 0 else ""


def _common(old: Sequence[str], new: Sequence[str], limit: int) -> int:
    """The length of the common head, at most `limit`.

    Halving the limit lets slices be compared in C: line by line 5,000 lines take a millisecond.
    """
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
