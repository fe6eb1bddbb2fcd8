"""``--fix`` and ``--diff``: the fixes of all checked files, put together and written."""

from __future__ import annotations

import contextlib
import difflib
import os
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from export_lsp.cli.failure import CannotRun
from export_lsp.cli.formats import shown_path
from export_lsp.cli.outcome import Job, Outcome
from export_lsp.fixes.edits import ConflictError, Edit, all_inside, compose, edited_texts
from export_lsp.source import Source, encoded, split_lines

# Checks a file of a workspace in which some files have other texts than on disk.
CheckWith = Callable[[Job, Mapping[str, str]], Awaitable[Outcome]]


@dataclass(frozen=True)
class Change:
    """A file as it was checked, and the text that it is to have."""

    source: Source
    text: str


@dataclass
class Mended:
    """The changes that were put together, and how many problems they are for."""

    fixed: int = 0
    changes: dict[str, Change] = field(default_factory=dict)

    @property
    def texts(self) -> dict[str, str]:
        return {file: change.text for file, change in self.changes.items()}


async def mend(outcomes: Sequence[Outcome], check: CheckWith) -> Mended:
    """Take the whole of each file's check that goes with those taken before.

    One that edits what other checked files read as well is taken if they fare no worse with it: it
    was proved for the targets of its own file alone.
    """
    mended = Mended()
    taken: list[tuple[Edit, ...]] = []
    for outcome in outcomes:
        if outcome.whole is None or not all_inside(outcome.whole.fix.edits, outcome.job.folder):
            continue
        sources = {file: each for other in outcomes for file, each in other.sources.items()}
        try:
            edits = compose([*taken, outcome.whole.fix.edits])
            edited = edited_texts(sources, edits)
        except (ConflictError, KeyError):
            continue
        readers = [o for o in outcomes if o is not outcome and edited.keys() & o.sources.keys()]
        again = [await check(reader.job, edited) for reader in readers]
        if any(len(now.findings) > len(o.findings) for o, now in zip(readers, again, strict=True)):
            continue
        taken.append(outcome.whole.fix.edits)
        mended.fixed += outcome.whole.fixed
        mended.changes = {file: Change(sources[file], text) for file, text in edited.items()}
    return mended


def write(mended: Mended) -> None:
    """Write the changed files.

    Raises:
        CannotRun: a file has changed since it was checked, or cannot be written.
    """
    for file, change in mended.changes.items():
        try:
            if Source.of(file, Path(file).read_bytes()).digest != change.source.digest:
                raise CannotRun(f"{file} has changed since it was checked; it is not fixed.")
            _replace(Path(os.path.realpath(file)), _bytes(change))
        except OSError as error:
            raise CannotRun(f"{file} cannot be written: {error.strerror}.") from error


def _bytes(change: Change) -> bytes:
    """The text in the file's own encoding, byte order mark included."""
    encoding = change.source.encoding
    if encoding == "utf-8-sig":
        return change.text.encode(encoding)
    return encoded(change.text)


def _replace(file: Path, data: bytes) -> None:
    """Write a file whole or not at all; its permissions stay."""
    if not os.access(file, os.W_OK):
        raise PermissionError(13, "Permission denied")
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(name, file.stat().st_mode & 0o7777)
        os.replace(name, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def unified_diff(mended: Mended, here: Path) -> Iterator[str]:
    """The changes as lines of a patch; paths start at `here`."""
    for file, change in sorted(mended.changes.items()):
        shown = shown_path(file, here)
        old, new = (_written(text) for text in (change.source.text, change.text))
        for line in difflib.unified_diff(old, new, shown, shown):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _written(text: str) -> list[str]:
    """The lines that a text has; after its last line end there is none."""
    return [line for line in split_lines(text) if line]
