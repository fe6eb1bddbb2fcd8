"""Text edits: plain data, applied to texts, composed with each other."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from export_lsp.protocol import Location
from export_lsp.source import LINE_END, Source, split_lines


class ConflictError(Exception):
    """Two edits change the same place in different ways."""


@dataclass(frozen=True)
class Edit:
    """The text that is to stand in a range of a file; an insertion where the range is empty."""

    location: Location
    text: str


def all_inside(edits: Iterable[Edit], folder: Path) -> bool:
    """Whether all that is edited is in a folder, wherever links lead."""
    home = folder.resolve()
    return all(Path(edit.location.file).resolve().is_relative_to(home) for edit in edits)


def apply(source: Source, edits: Iterable[Edit]) -> str:
    """The text of a file with the edits in it that are its own.

    Insertions at one place stand in the order of the edits.

    Raises:
        ConflictError: two of them change the same place.
    """
    text, done = [], 0
    mine = [edit for edit in edits if edit.location.file == source.path]
    for edit in sorted(mine, key=lambda edit: (edit.location.start, edit.location.end)):
        start, end = source.offset(edit.location.start), source.offset(edit.location.end)
        if start < done:
            raise ConflictError(f"two edits change {edit.location}")
        text += [source.text[done:start], edit.text]
        done = end
    return "".join([*text, source.text[done:]])


def compose(fixes: Iterable[tuple[Edit, ...]]) -> tuple[Edit, ...]:
    """All edits of several fixes as those of one; what two of them have in common is there once.

    Raises:
        ConflictError: two fixes change the same place in different ways, or one moves a line to
            which the other adds some.
    """
    united: dict[Edit, None] = {}
    for edits in fixes:
        for edit in edits:
            if edit not in united and any(_clash(edit, other) for other in united):
                raise ConflictError(f"two fixes change {edit.location}")
            united[edit] = None
    return tuple(united)


def _clash(one: Edit, other: Edit) -> bool:
    """Whether two edits touch the same characters, or one of them goes by what the other changes.

    Two insertions at one place do not: each is complete by itself.
    """
    a, b = one.location, other.location
    if a.file != b.file:
        return False
    if _inserts(one) and _inserts(other):
        return a.start == b.start and _margin(one) != _margin(other)
    touching = a.start < b.end and b.start < a.end
    return touching or _moves(one, other) or _moves(other, one)


def _inserts(edit: Edit) -> bool:
    return edit.location.start == edit.location.end


def _margin(edit: Edit) -> str:
    """What a text begins with that goes on in new lines: it may come after another such only if
    that leaves off in the same block."""
    blanks = edit.text[: len(edit.text) - len(edit.text.lstrip())]
    return blanks if LINE_END.match(blanks) else ""


def _moves(one: Edit, other: Edit) -> bool:
    """Whether an edit changes the indentation that lines of the other's were written for."""
    indents = one.text.isspace() and one.location.start.line < one.location.end.line
    return (
        indents
        and one.location.end.line == other.location.start.line
        and LINE_END.search(other.text) is not None
    )


def edited_texts(sources: Mapping[str, Source], edits: Iterable[Edit]) -> dict[str, str]:
    """The texts of the files that the edits change, with them applied.

    Raises:
        ConflictError: two edits change the same place.
        KeyError: a file is not among the sources.
    """
    edits = tuple(edits)
    files = dict.fromkeys(edit.location.file for edit in edits)
    return {file: apply(sources[file], edits) for file in files}


def differences(source: Source, text: str) -> Iterator[Edit]:
    """The edits, whole lines each, that make a text of a file."""
    old, new = split_lines(source.text), split_lines(text)
    starts = list(itertools.accumulate(map(len, old), initial=0))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, first, last, new_first, new_last in matcher.get_opcodes():
        if tag != "equal":
            place = Location(
                source.path, source.position_at(starts[first]), source.position_at(starts[last])
            )
            yield Edit(place, "".join(new[new_first:new_last]))
