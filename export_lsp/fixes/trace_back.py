"""From places in edited texts back to those in the texts before."""

from __future__ import annotations

from collections.abc import Iterable

from export_lsp.fixes.candidate import Sources
from export_lsp.fixes.edits import Edit, apply
from export_lsp.protocol import Location
from export_lsp.source import Source


class Back:
    """The way back through edits."""

    def __init__(self, sources: Sources, edits: Iterable[Edit]) -> None:
        edits = tuple(edits)
        files = dict.fromkeys(edit.location.file for edit in edits)
        self._files = {file: _File(sources[file], edits) for file in files}

    def location(self, location: Location) -> Location | None:
        """The same place before the edits; None if some of it has come with them."""
        file = self._files.get(location.file)
        return location if file is None else file.location(location)


class _File:
    def __init__(self, source: Source, edits: tuple[Edit, ...]) -> None:
        self._before = source
        self._after = Source(source.path, "", apply(source, edits))
        self._changed: list[tuple[int, int, int]] = []
        shift = 0
        mine = [edit for edit in edits if edit.location.file == source.path]
        for edit in sorted(mine, key=lambda edit: (edit.location.start, edit.location.end)):
            start, end = (
                source.offset(edit.location.start) + shift,
                source.offset(edit.location.end) + shift,
            )
            shift += len(edit.text) - (end - start)
            self._changed.append((start, start + len(edit.text), shift))

    def location(self, location: Location) -> Location | None:
        start, end = self._after.offset(location.start), self._after.offset(location.end)
        shift = 0
        for first, last, behind in self._changed:
            if first < end and start < last:
                return None
            if last <= start:
                shift = behind
        return Location(
            location.file, self._before.place(start - shift), self._before.place(end - shift)
        )
