"""``show --suggest-dynamic-shapes``: the widest shapes that the targets of a file export with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.formats.json import dumps
from export_lsp.cli.jobs import Job
from export_lsp.cli.progress_bar import progress_bar
from export_lsp.cli.report import shown_path
from export_lsp.cli.unusable import unusable_message
from export_lsp.engine.checker import Checker
from export_lsp.engine.declaring.widest_shapes import Widest, widest_shapes
from export_lsp.engine.hosts import UnusableInterpreterError
from export_lsp.engine.hosts.pool import Pool
from export_lsp.engine.interpreters import InterpreterError
from export_lsp.engine.runs import run_numbers
from export_lsp.protocol import ShapesSuggested
from export_lsp.safe_text import one_line


@dataclass(frozen=True)
class FileSuggestions:
    """The suggestions for the targets of a file, by their names."""

    file: Path
    widest: Widest


async def suggestions(jobs: Sequence[Job]) -> list[FileSuggestions]:
    """Return the suggestions for each file.

    Raises:
        CannotRun: An interpreter is missing or has no usable torch.
    """
    pool = Pool(lambda level, line: None)
    try:
        with progress_bar(Console(stderr=True)) as progress:
            bar = progress.add_task("Importing torch …", total=len(jobs))
            found = []
            for job in jobs:
                progress.update(bar, description=f"{job.file.name}: exporting with all sizes")
                found.append(FileSuggestions(job.file, await _suggest(job, pool)))
                progress.advance(bar)
            return found
    except InterpreterError as error:
        raise CannotRun(str(error)) from error
    except UnusableInterpreterError as error:
        raise CannotRun(unusable_message(error.unusable)) from error
    finally:
        await pool.close()


async def _suggest(job: Job, pool: Pool) -> Widest:
    checker = Checker(job.folder, pool)
    checker.configure(job.resolved)
    checker.require_interpreter()
    check = job.resolved.check(job.folder, job.file, next(run_numbers))
    return await widest_shapes(checker.carry_out, check)


def suggestions_as_text(found: Sequence[FileSuggestions], folder: Path) -> str:
    """Return the text; paths are relative to a folder."""
    lines = []
    for each in found:
        for name, suggested in each.widest.suggested.items():
            file = one_line(shown_path(str(each.file), folder))
            lines += [f"{file}::{one_line(name)}", *_text(suggested), ""]
    return "\n".join(lines[:-1]) + "\n"


def _text(suggested: ShapesSuggested) -> list[str]:
    note = [f"  ({suggested.note})"] if suggested.note else []
    if not suggested.text:
        return ["  no dynamic shapes", *note]
    modes = ", ".join(suggested.modes)
    return [f"  dynamic_shapes={one_line(suggested.text)}", f"  exports ({modes})", *note]


def suggestions_as_json(found: Sequence[FileSuggestions]) -> str:
    """Return the document."""
    targets: list[Mapping[str, Any]] = [
        {
            "name": name,
            "filename": str(each.file),
            "dynamic_shapes": suggested.text or None,
            "modes": list(suggested.modes),
            "note": suggested.note,
        }
        for each in found
        for name, suggested in each.widest.suggested.items()
    ]
    return dumps({"targets": targets})
