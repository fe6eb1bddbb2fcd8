"""Ranges of a checked text, found again in the text as the editor has it now.

A range survives an edit elsewhere.  A range whose own text was edited is dropped: what was found
in it is out of date.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from functools import cached_property

from export_lsp.engine.results.anchored import Lines, Range
from export_lsp.protocol import Position
from export_lsp.source import without_line_end


class LineRemapping:
    """The `Remapping` of two versions of a text that differ by edits anywhere.

    Lines above the first and below the last difference are mapped by counting, the lines between
    by a line diff, and columns of an edited line by what its two versions share at either end.
    """

    def __init__(self, old: Lines, new: Lines) -> None:
        self.lines = new
        self._before = old
        self._old = [without_line_end(line) for line in old]
        self._new = [without_line_end(line) for line in new]
        shorter = min(len(self._old), len(self._new))
        self._head = common_head(self._old, self._new, shorter)
        self._tail = common_head(self._old[::-1], self._new[::-1], shorter - self._head)

    def range(self, start: Position, end: Position) -> Range | None:
        """Return where a range is now, None if its text has changed or is gone."""
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

    def edit(self, start: Position, end: Position) -> Range | None:
        """Return where to apply an edit now, None if a line that it touches has changed."""
        first = Position(start.line, 0)
        last = Position(end.line, len(self._old[end.line]))
        moved = self.range(first, last)
        if moved is None or moved[0].character:
            return None
        shift = moved[0].line - start.line
        touched = self._before[start.line : end.line + 1]
        if touched != self.lines[start.line + shift : end.line + shift + 1]:
            return None  # the line ends differ
        return (
            Position(start.line + shift, start.character),
            Position(end.line + shift, end.character),
        )

    def _ends(self, start: Position, end: Position, shift: int) -> Range | None:
        moved_start = self._column(start, shift, at_end=start == end)
        moved_end = self._column(end, shift, at_end=True)
        if moved_start is None or moved_end is None or moved_end < moved_start:
            return None
        return moved_start, moved_end

    def _only_occurrence(self, start: Position, end: Position, shift: int) -> Range | None:
        """The range's text on its edited line, if both versions contain it exactly once."""
        old, new = self._old[start.line], self._new[start.line + shift]
        text = old[start.character : end.character]
        if old.count(text) != 1 or new.count(text) != 1:
            return None
        line, column = start.line + shift, new.index(text)
        return Position(line, column), Position(line, column + len(text))

    def _grown(
        self, start: Position, end: Position, moved_start: Position, moved_end: Position
    ) -> bool:
        """Return whether an edit beside the range extends its text: ``n > 0`` to ``n > 0.5``."""
        before = _letter(self._old, start, -1), _letter(self._new, moved_start, -1)
        after = _letter(self._old, end, 0), _letter(self._new, moved_end, 0)
        return start != end and any(
            was != now and (now.isalnum() or now in "_.") for was, now in (before, after) if now
        )

    def _line(self, line: int) -> int | None:
        # A run that has read a longer text may point beyond the end of this one.
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

        A block replaced by one with the same number of lines counts as those lines edited.
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
        """The position on the new version of its line.

        A position `at_end` of a range belongs to the text before it, any other to the text after.
        """
        old, new = self._old[position.line], self._new[position.line + shift]
        if old == new:
            return Position(position.line + shift, position.character)
        shorter = min(len(old), len(new))
        head = common_head(old, new, shorter)
        tail = common_head(old[::-1], new[::-1], shorter - head)
        column = position.character
        in_head = column <= head if at_end else column < head
        if in_head:
            return Position(position.line + shift, column)
        if column >= len(old) - tail:
            return Position(position.line + shift, column + len(new) - len(old))
        return None

    @staticmethod
    def _text(lines: Lines, start: Position, end: Position) -> list[str]:
        text = list(lines[start.line : end.line + 1])
        text[-1] = text[-1][: end.character]
        text[0] = text[0][start.character :]
        return text


class LineRemappings:
    """The `Remappings` to the current texts of some files, each computed once.

    `current` returns the lines of a file as they are now, None if they are as they were checked.
    An instance serves one answer: it takes neither side's lists of lines to change or disappear.
    """

    def __init__(self, current: Callable[[str], Lines | None]) -> None:
        self._current = current
        self._remappings: dict[tuple[str, int], LineRemapping | None] = {}

    def __call__(self, file: str, checked: Lines) -> LineRemapping | None:
        key = file, id(checked)
        if key not in self._remappings:
            current = self._current(file)
            same = current is None or current == checked
            self._remappings[key] = None if same else LineRemapping(checked, current or [])
        return self._remappings[key]


def _letter(lines: Lines, position: Position, offset: int) -> str:
    """The character beside a position, "" at either end of its line."""
    index = position.character + offset
    return lines[position.line][index : index + 1] if index >= 0 else ""


def common_head(old: Lines, new: Lines, limit: int) -> int:
    """Return the length of the common head of two lists of lines, at most `limit`.

    A binary search compares slices in C; a loop over 5,000 lines takes a millisecond.
    """
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
