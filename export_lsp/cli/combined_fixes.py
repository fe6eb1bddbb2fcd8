"""``--fix``: combines the fixes of all checked files, and writes them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from export_lsp import regular_files
from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.file_bytes import CannotEncodeError, edited_bytes
from export_lsp.cli.jobs import Job, JobResult
from export_lsp.cli.whole_files import write_whole
from export_lsp.fixes.edits import ConflictError, Edit, all_inside, compose, edited_texts
from export_lsp.source import Source

CheckTexts = Callable[[Job, Mapping[str, str]], Awaitable[JobResult]]
"""Carries out a job with these texts in place of files on disk."""


@dataclass(frozen=True)
class FileChange:
    """A file as it was checked, and its new text.

    The source of a file that does not exist yet has no digest.
    """

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
        CannotRun: Some files have changed since they were checked, or cannot be read or written;
            the others are written.
    """
    errors = []
    for file, change in fixes.changes.items():
        try:
            if not change.source.digest and not os.path.lexists(file):
                write_whole(Path(file), change.text.encode())
                continue
            data = regular_files.read(file)
            if hashlib.sha256(data).hexdigest() != change.source.digest:
                errors.append(f"{file} has changed since it was checked; it is not fixed.")
                continue
            write_whole(Path(file), edited_bytes(change.source, data, change.text))
        except OSError as error:
            errors.append(f"{file} cannot be read: {error.strerror}.")
        except CannotRun as error:
            errors += error.messages
        except CannotEncodeError as error:
            errors.append(f"{file} is not fixed: {error}.")
    if errors:
        raise CannotRun(*errors)
