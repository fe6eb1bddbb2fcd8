"""Text edits as plain data: applying them, and combining those of several fixes."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from export_lsp.protocol import Location
from export_lsp.source import LINE_END, Source, split_lines


class ConflictError(Exception):
    """Two edits change the same text in different ways."""


@dataclass(frozen=True)
class Edit:
    """A replacement of a range of a file by `text`; an insertion if the range is empty."""

    location: Location
    text: str


def all_inside(edits: Iterable[Edit], folder: Path) -> bool:
    """Return whether every edited file lies in the folder once symbolic links are resolved."""
    home = folder.resolve()
    return all(Path(edit.location.file).resolve().is_relative_to(home) for edit in edits)


def apply(source: Source, edits: Iterable[Edit]) -> str:
    """Return the text of a file with the edits applied that are for this file.

    Insertions at one position keep the order of the edits.

    Raises:
        ConflictError: two of the edits overlap.
    """
    parts, done = [], 0
    own = [edit for edit in edits if edit.location.file == source.path]
    for edit in sorted(own, key=lambda edit: (edit.location.start, edit.location.end)):
        start, end = source.offset(edit.location.start), source.offset(edit.location.end)
        if start < done:
            raise ConflictError(f"two edits change {edit.location}")
        parts += [source.text[done:start], edit.text]
        done = end
    return "".join([*parts, source.text[done:]])


def edited_texts(sources: Mapping[str, Source], edits: Iterable[Edit]) -> dict[str, str]:
    """Return the new text of each file that the edits change, by path.

    Raises:
        ConflictError: two of the edits overlap.
        KeyError: an edited file is not among the sources.
    """
    edits = tuple(edits)
    files = dict.fromkeys(edit.location.file for edit in edits)
    return {file: apply(sources[file], edits) for file in files}


def compose(fixes: Iterable[tuple[Edit, ...]]) -> tuple[Edit, ...]:
    """Return the edits of several fixes as those of one; edits that fixes share occur once.

    Raises:
        ConflictError: two fixes change the same text in different ways, or one indents a line
            that another inserts lines into.
    """
    united: dict[Edit, None] = {}
    for edits in fixes:
        for edit in edits:
            if edit not in united and any(_conflict(edit, other) for other in united):
                raise ConflictError(f"two fixes change {edit.location}")
            united[edit] = None
    return tuple(united)


def _conflict(one: Edit, other: Edit) -> bool:
    """Return whether two edits overlap, or one relies on indentation that the other changes."""
    a, b = one.location, other.location
    if a.file != b.file:
        return False
    if _is_insertion(one) and _is_insertion(other):
        # Each is complete by itself, but lines of another block cannot follow.
        return a.start == b.start and _leading_line_break(one) != _leading_line_break(other)
    overlap = a.start < b.end and b.start < a.end
    return overlap or _reindents(one, other) or _reindents(other, one)


def _is_insertion(edit: Edit) -> bool:
    return edit.location.start == edit.location.end


def _leading_line_break(edit: Edit) -> str:
    """Return the line break and indentation that the text starts with; "" if it starts none."""
    blanks = edit.text[: len(edit.text) - len(edit.text.lstrip())]
    return blanks if LINE_END.match(blanks) else ""


def _reindents(one: Edit, other: Edit) -> bool:
    """Return whether `one` changes the indentation of a line to which `other` adds lines."""
    indents = one.text.isspace() and one.location.start.line < one.location.end.line
    return (
        indents
        and one.location.end.line == other.location.start.line
        and LINE_END.search(other.text) is not None
    )


def differences(source: Source, text: str) -> Iterator[Edit]:
    """Yield edits of whole lines that turn a file's text into another."""
    old, new = split_lines(source.text), split_lines(text)
    starts = list(itertools.accumulate(map(len, old), initial=0))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, first, last, new_first, new_last in matcher.get_opcodes():
        if tag != "equal":
            start, end = source.position_at(starts[first]), source.position_at(starts[last])
            yield Edit(Location(source.path, start, end), "".join(new[new_first:new_last]))
