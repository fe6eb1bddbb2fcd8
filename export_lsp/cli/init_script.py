"""``export-lsp init --run-main FILE -- ARGUMENT…``: has a script checked up to its export.

The script is run once.  If it reaches its export, its arguments are written into pyproject.toml.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.combined_fixes import CombinedFixes, FileChange
from export_lsp.cli.declared_files import extended, pyproject_source
from export_lsp.cli.init_search import checker_for
from export_lsp.cli.jobs import Job
from export_lsp.cli.progress_bar import progress_bar
from export_lsp.cli.unusable import unusable_message
from export_lsp.engine.checker import Checker
from export_lsp.engine.declaring.changes import with_arguments
from export_lsp.engine.hosts import UnusableInterpreterError
from export_lsp.engine.hosts.pool import Pool
from export_lsp.engine.runs import run_numbers
from export_lsp.protocol import ANY_EXPORT, Found, ScriptStarted, TargetStarted


def run_script(job: Job, arguments: Sequence[str], console: Console) -> CombinedFixes:
    """Run a script up to its export, and return the change that has it checked with its arguments.

    Raises:
        CannotRun: It does not reach an export, or pyproject.toml cannot be extended.
    """
    asyncio.run(_reach_export(job, tuple(arguments), console))
    source = pyproject_source(job.folder)
    file = job.file.relative_to(job.folder).as_posix()
    text = extended(source, with_arguments(source.text, file, arguments))
    return CombinedFixes(1, {source.path: FileChange(source, text)})


async def _reach_export(job: Job, arguments: tuple[str, ...], console: Console) -> None:
    """Run a script until it reaches an export.

    Raises:
        CannotRun: It does not; the message says why.
    """
    pool = Pool(lambda level, line: None)
    try:
        checker = checker_for(job, pool)
        with progress_bar(console) as progress:
            progress.add_task(f"Running {job.file.name} up to its export …", total=None)
            reason = await _reason(job, arguments, checker)
    except UnusableInterpreterError as error:
        raise CannotRun(unusable_message(error.unusable)) from error
    finally:
        await pool.close()
    if reason:
        raise CannotRun(reason)


async def _reason(job: Job, arguments: tuple[str, ...], checker: Checker) -> str:
    """Return why a script does not reach an export; "" if it does."""
    check = job.resolved.check(job.folder, Path(job.file), next(run_numbers))
    check = replace(check, export=ANY_EXPORT, arguments=arguments)
    is_script, last = False, "it calls no exporter"
    async with aclosing(checker.carry_out(check)) as events:
        async for event in events:
            if isinstance(event, ScriptStarted):
                is_script = True
            elif isinstance(event, TargetStarted):
                return "" if is_script else f"{job.file} declares a target; it is checked as it is."
            elif isinstance(event, Found):
                line = event.finding.location.start.line + 1
                last = f"line {line}: {event.finding.title}"
    return f"{job.file} does not reach an export; {last}."
