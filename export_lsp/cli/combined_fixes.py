"""``--fix`` and ``--diff``: combines the fixes of all checked files, and writes or shows them."""

from __future__ import annotations

import contextlib
import difflib
import os
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.jobs import Job, JobResult
from export_lsp.cli.report import shown_path
from export_lsp.fixes.edits import ConflictError, Edit, all_inside, compose, edited_texts
from export_lsp.source import Source, encoded, split_lines

CheckTexts = Callable[[Job, Mapping[str, str]], Awaitable[JobResult]]
"""Carries out a job with these texts in place of files on disk."""


@dataclass(frozen=True)
class FileChange:
    """A file as it was checked, and its new text."""

    source: Source
    text: str


@dataclass
class CombinedFixes:
    """The fixes of several checks together.

    Attributes:
        fixed: How many problems they fix.
        changes: The changed files, by path.
    """

    fixed: int = 0
    changes: dict[str, FileChange] = field(default_factory=dict)


async def combine_fixes(results: Sequence[JobResult], check: CheckTexts) -> CombinedFixes:
    """Combine the fixes of all problems of each file, as far as they go together.

    A fix was proved for the targets of its own file.  One that edits files which other checks have
    read is taken only if these checks have no more findings with it.
    """
    combined = CombinedFixes()
    taken: list[tuple[Edit, ...]] = []
    for result in results:
        fix_all = result.fix_all
        if fix_all is None or not all_inside(fix_all.fix.edits, result.job.folder):
            continue
        sources = {file: each for other in results for file, each in other.sources.items()}
        try:
            texts = edited_texts(sources, compose([*taken, fix_all.fix.edits]))
        except (ConflictError, KeyError):
            continue
        readers = [r for r in results if r is not result and texts.keys() & r.sources.keys()]
        rechecked = [await check(reader.job, texts) for reader in readers]
        if any(
            len(after.findings) > len(before.findings)
            for before, after in zip(readers, rechecked, strict=True)
        ):
            continue
        taken.append(fix_all.fix.edits)
        combined.fixed += fix_all.fixed
        combined.changes = {file: FileChange(sources[file], text) for file, text in texts.items()}
    return combined


def write(fixes: CombinedFixes) -> None:
    """Write the changed files.

    Raises:
        CannotRun: A file has changed since it was checked, or cannot be written.
    """
    for file, change in fixes.changes.items():
        try:
            if Source.of(file, Path(file).read_bytes()).digest != change.source.digest:
                raise CannotRun(f"{file} has changed since it was checked; it is not fixed.")
            _replace(Path(os.path.realpath(file)), _encoded(change))
        except OSError as error:
            raise CannotRun(f"{file} cannot be written: {error.strerror}.") from error


def unified_diff(fixes: CombinedFixes, folder: Path) -> Iterator[str]:
    """Yield the changes as the lines of a patch, with paths relative to `folder`."""
    for file, change in sorted(fixes.changes.items()):
        shown = shown_path(file, folder)
        old, new = (_lines(text) for text in (change.source.text, change.text))
        for line in difflib.unified_diff(old, new, shown, shown):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _encoded(change: FileChange) -> bytes:
    """The text in the file's own encoding, with its byte order mark if it has one."""
    encoding = change.source.encoding
    if encoding == "utf-8-sig":
        return change.text.encode(encoding)
    return encoded(change.text)


def _replace(file: Path, data: bytes) -> None:
    """Write a file as a whole or not at all; its permissions stay."""
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


def _lines(text: str) -> list[str]:
    """The lines of a text, without the empty one after its last line end."""
    return [line for line in split_lines(text) if line]
