"""From locations in edited files back to locations in the files before the edits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from export_lsp.fixes.candidate import Sources
from export_lsp.fixes.edits import Edit, apply
from export_lsp.protocol import Location
from export_lsp.source import Source


class OriginalLocations:
    """Maps locations in files with the edits applied to the files in `sources`.

    Raises:
        ConflictError: two of the edits overlap.
        KeyError: an edited file is not among the sources.
    """

    def __init__(self, sources: Sources, edits: Iterable[Edit]) -> None:
        edits = tuple(edits)
        files = dict.fromkeys(edit.location.file for edit in edits)
        self._files = {file: _EditedFile(sources[file], edits) for file in files}

    def of(self, location: Location) -> Location | None:
        """Return the location before the edits; None if it contains or touches edited text.

        Edits of blank text inside the location do not count.
        """
        file = self._files.get(location.file)
        return location if file is None else file.original(location)


class _EditedFile:
    def __init__(self, source: Source, edits: tuple[Edit, ...]) -> None:
        self._before = source
        self._after = Source(source.path, "", apply(source, edits))
        self._changes: list[_Change] = []
        shift = 0
        own = [edit for edit in edits if edit.location.file == source.path]
        for edit in sorted(own, key=lambda edit: (edit.location.start, edit.location.end)):
            start, end = source.offset(edit.location.start), source.offset(edit.location.end)
            blank = not f"{source.text[start:end]}{edit.text}".strip()
            first = start + shift
            shift += len(edit.text) - (end - start)
            self._changes.append(_Change(first, first + len(edit.text), shift, blank))

    def original(self, location: Location) -> Location | None:
        start, end = self._after.offset(location.start), self._after.offset(location.end)
        start_shift = end_shift = 0
        for change in self._changes:
            ignored = change.blank and start <= change.first and change.last <= end
            if change.first < end and start < change.last and not ignored:
                return None
            if change.last <= start:
                start_shift = end_shift = change.shift
            elif change.first < end:
                end_shift = change.shift
        return Location(
            location.file,
            self._before.position_at(start - start_shift),
            self._before.position_at(end - end_shift),
        )


@dataclass(frozen=True)
class _Change:
    """The range of the edited text that an edit wrote, in offsets.

    `shift` is by how much the text after it has moved; `blank` is set if both the old and the new
    text are white space.
    """

    first: int
    last: int
    shift: int
    blank: bool
