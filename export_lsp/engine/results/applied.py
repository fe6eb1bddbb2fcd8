"""Fixes whose edits are in the current text: an editor has applied them since the check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from export_lsp.engine.results.anchored import Anchored, Lines
from export_lsp.engine.results.line_remapping import LineRemapping, common_head
from export_lsp.fixes.edits import Edit, apply
from export_lsp.fixes.proof import Fix
from export_lsp.protocol import Position
from export_lsp.source import Source, split_lines


class AppliedFixes:
    """Tells fixes that are in the current texts of their files.

    `current` returns the lines of a file as they are now, None if they are as they were checked.
    An instance serves one answer, as `LineRemappings` does.
    """

    def __init__(self, current: Callable[[str], Lines | None]) -> None:
        self._current = current
        self._changes: dict[tuple[str, int], str | None] = {}

    def __contains__(self, fix: Anchored[Fix]) -> bool:
        """Return whether all edits of a fix are in the text, wherever that was edited besides."""
        edits = fix.value.edits
        return bool(edits) and all(self._has(fix.texts, edits, file) for file in fix.texts)

    def has_part_of(self, fix: Anchored[Fix]) -> bool:
        """Return whether any edit of a fix is in the text."""
        edits = fix.value.edits
        return fix in self or any(
            self._has(fix.texts, [edit], edit.location.file) for edit in edits
        )

    def _has(self, texts: Mapping[str, Lines], edits: Iterable[Edit], file: str) -> bool:
        checked, now = texts[file], self._current(file)
        if now is None or (changed := self._changed(file, checked, now)) is None:
            return False
        own = [edit for edit in edits if edit.location.file == file]
        # Most fixes are not there at all, which is quick to see.
        if not all(edit.text.strip() in changed for edit in own):
            return False
        fixed, places = _fixed(file, checked, own)
        return _are_in(fixed, places, now) and not _are_in(fixed, places, checked)

    def _changed(self, file: str, checked: Lines, now: Lines) -> str | None:
        """The text from the first to the last line that differs, None if none does."""
        key = file, id(checked)
        if key not in self._changes:
            shorter = min(len(checked), len(now))
            head = common_head(checked, now, shorter)
            tail = common_head(checked[::-1], now[::-1], shorter - head)
            is_same = head == len(checked) == len(now)
            self._changes[key] = None if is_same else "".join(now[head : len(now) - tail])
        return self._changes[key]


def _fixed(
    file: str, checked: Lines, edits: Sequence[Edit]
) -> tuple[Lines, list[tuple[Position, Position]]]:
    """The lines of a file with edits applied, and where the text of each edit is in them."""
    before = Source(file, "", "".join(checked))
    after = Source(file, "", apply(before, edits))
    places, moved = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.location.start, edit.location.end)):
        start = before.offset(edit.location.start) + moved
        end = start + len(edit.text)
        moved = end - before.offset(edit.location.end)
        places.append((after.position_at(start), after.position_at(end)))
    return split_lines(after.text), places


def _are_in(fixed: Lines, places: Sequence[tuple[Position, Position]], lines: Lines) -> bool:
    """Return whether the lines at some places of a text are unchanged in other lines."""
    remapping = LineRemapping(fixed, lines)
    return all(remapping.edit(*place) is not None for place in places)
