"""From places in edited texts back to those in the texts before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from export_lsp.fixes.candidate import Sources
from export_lsp.fixes.edits import Edit, apply
from export_lsp.protocol import Location
from export_lsp.source import Source


class OriginalLocations:
    """The way back through edits."""

    def __init__(self, sources: Sources, edits: Iterable[Edit]) -> None:
        edits = tuple(edits)
        files = dict.fromkeys(edit.location.file for edit in edits)
        self._files = {file: _File(sources[file], edits) for file in files}

    def of(self, location: Location) -> Location | None:
        """The same place before the edits; None if some of it has come with them, or has gone.

        White space inside of it does not count.
        """
        file = self._files.get(location.file)
        return location if file is None else file.location(location)


class _File:
    def __init__(self, source: Source, edits: tuple[Edit, ...]) -> None:
        self._before = source
        self._after = Source(source.path, "", apply(source, edits))
        self._changed: list[_Changed] = []
        shift = 0
        mine = [edit for edit in edits if edit.location.file == source.path]
        for edit in sorted(mine, key=lambda edit: (edit.location.start, edit.location.end)):
            start, end = source.offset(edit.location.start), source.offset(edit.location.end)
            blank = not f"{source.text[start:end]}{edit.text}".strip()
            first = start + shift
            shift += len(edit.text) - (end - start)
            self._changed.append(_Changed(first, first + len(edit.text), shift, blank))

    def location(self, location: Location) -> Location | None:
        start, end = self._after.offset(location.start), self._after.offset(location.end)
        start_shift = end_shift = 0
        for changed in self._changed:
            around = changed.blank and start <= changed.first and changed.last <= end
            if changed.first < end and start < changed.last and not around:
                return None
            if changed.last <= start:
                start_shift = end_shift = changed.shift
            elif changed.first < end:
                end_shift = changed.shift
        return Location(
            location.file,
            self._before.position_at(start - start_shift),
            self._before.position_at(end - end_shift),
        )


@dataclass(frozen=True)
class _Changed:
    """What an edit has become: a range of the text after it, and how far it has moved the rest.

    `blank` says that it is about white space alone.
    """

    first: int
    last: int
    shift: int
    blank: bool
