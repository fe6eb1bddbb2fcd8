"""``export-lsp check``: checks files now and prints what was found.

Exit status: 0 if there is nothing worse than information, 1 if there are errors or warnings, 2 if
the check could not run or there was nothing to check.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from export_lsp.cli import baseline
from export_lsp.cli.batch import BatchResult, BatchRunner, require_torch
from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.check_options import CheckOptions
from export_lsp.cli.combined_fixes import CombinedFixes
from export_lsp.cli.excerpt import source_lines
from export_lsp.cli.folders import folder_of, interpreter_of, settings_of
from export_lsp.cli.formats import FORMATS, text
from export_lsp.cli.job_selection import SelectedJobs, jobs_for
from export_lsp.cli.jobs import Job, JobResult
from export_lsp.cli.nothing_checked import NOTHING, details
from export_lsp.cli.patch import print_patch
from export_lsp.cli.report import Report, counted
from export_lsp.cli.watching import Watch, changes_below
from export_lsp.cli.whole_files import write_whole
from export_lsp.engine.hosts.orphans import own_children
from export_lsp.engine.hosts.pool import Pool
from export_lsp.protocol import MODES
from export_lsp.safe_text import for_terminal

INTERRUPTED = 130
# A check runs on one thread and may hold the graph of a model: more at once rarely help.
_DEFAULT_JOBS = min(4, os.cpu_count() or 1)


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option(
    "--output-format", type=click.Choice(list(FORMATS)), default="text", show_default=True,
    help="How the problems are printed.",
)  # fmt: skip
@click.option(
    "-o", "--output-file", type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file instead of stdout.",
)  # fmt: skip
@click.option(
    "--mode", "modes", multiple=True, type=click.Choice(MODES),
    help="Check only in this mode; may be repeated.",
)  # fmt: skip
@click.option("--device", metavar="auto|cpu|cuda[:N]", help="The device that models are traced on.")
@click.option("--python", metavar="PATH", help="The interpreter that has torch.")
@click.option("--run-main", is_flag=True, help="Run scripts up to their export, and check that.")
@click.option("--timeout", type=float, metavar="SECONDS", help="The time that a target may take.")
@click.option(
    "-j", "--jobs", type=click.IntRange(1), default=_DEFAULT_JOBS, show_default="up to 4",
    help="How many files are checked at the same time.",
)  # fmt: skip
@click.option("--fix", is_flag=True, help="Write the proved fixes, and show what is left.")
@click.option("--diff", is_flag=True, help="Show what --fix would write; exit 1 if it is anything.")
@click.option("--unsafe-fixes", is_flag=True, help="Include fixes that could not be proved.")
@click.option("-w", "--watch", is_flag=True, help="Check again after changes, until Ctrl-C.")
@click.option("--statistics", is_flag=True, help="Print how often each rule was found instead.")
@click.option(
    "--baseline", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Leave out the problems in this file.",
)  # fmt: skip
@click.option(
    "--write-baseline", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Write the problems into this file, for --baseline.",
)  # fmt: skip
@click.option("--allow-empty", is_flag=True, help="Exit 0 even if no target was checked.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 even if there are problems.")
@click.option("-v", "--verbose", is_flag=True, help="Log to stderr, models' output included.")
def command(**options: Any) -> None:
    """Check model files and print what stops torch.export.

    PATH is a file, or a folder in which all Python files are checked that declare a target; the
    working directory by default.  Exits 1 if there are errors or warnings and 2 if the check
    could not run or there was nothing to check.
    """
    check = _Check(CheckOptions(**options))
    own_children()
    try:
        sys.exit(asyncio.run(check.run()))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


class _Check:
    """One call of the command."""

    def __init__(self, options: CheckOptions) -> None:
        self._options = options
        self._errors = Console(stderr=True)
        self._passed_over: Sequence[Path] = ()

    async def run(self) -> int:
        """Check once, or until interrupted; return the exit status.

        Raises:
            CannotRun: Nothing can be checked, a file cannot be written, or the settings of some
                folders are wrong, whose files were left out.
        """
        if self._options.watch:
            await self._watch()
            return 0
        selected = self._select()
        async with self._batches() as run_batch:
            result = await run_batch(selected.jobs, {})
        if not selected.jobs:
            await self._require_torch()
        report = self._show(result)
        if selected.mistakes:
            raise CannotRun(*selected.mistakes)
        if not result.report.checked_anything:
            return 0 if self._options.allow_empty else CannotRun.exit_code
        if self._options.write_baseline is not None:
            return 0
        failed = bool(result.fixes.changes) if self._options.diff else report.failed
        return 1 if failed and not self._options.exit_zero else 0

    async def _require_torch(self) -> None:
        """Raise CannotRun if the interpreter for one of the paths is missing or has no torch."""
        for folder in self._folders():
            resolved = settings_of(folder, self._options.overrides)
            await require_torch(interpreter_of(folder, resolved), resolved, self._log)

    async def _watch(self) -> None:
        def show(result: BatchResult) -> None:
            click.clear()
            self._show(result)
            click.echo("Watching for changes; Ctrl-C ends.", err=True)

        async with (
            self._batches() as run_batch,
            aclosing(changes_below(self._folders())) as changes,
        ):
            await Watch(self._jobs, run_batch, show, CannotRun.show).run(changes)

    def _folders(self) -> set[Path]:
        """The workspace folders of the paths; those of all files are among them or within them."""
        return {folder_of(Path(os.path.abspath(path))) for path in self._options.checked_paths}

    def _select(self) -> SelectedJobs:
        selected = jobs_for(self._options.checked_paths, self._options.overrides)
        self._passed_over = selected.passed_over
        return selected

    def _jobs(self) -> Sequence[Job]:
        """Return the jobs, and show the mistakes in the settings of other folders."""
        selected = self._select()
        if selected.mistakes:
            CannotRun(*selected.mistakes).show()
        return selected.jobs

    @asynccontextmanager
    async def _batches(
        self,
    ) -> AsyncIterator[Callable[[Sequence[Job], Mapping[Path, JobResult]], Awaitable[BatchResult]]]:
        """Context manager whose value runs a batch, with a progress bar; its hosts stay open."""
        pool = Pool(self._log)
        options = self._options
        runner = BatchRunner(pool, options.jobs, Path.cwd(), self._log, options.fix_options)

        async def run_batch(jobs: Sequence[Job], known: Mapping[Path, JobResult]) -> BatchResult:
            with Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                console=self._errors,
                transient=True,
                disable=not self._errors.is_terminal or not jobs,
            ) as progress:
                return await runner.run(jobs, progress, known)

        try:
            yield run_batch
        finally:
            await pool.close()

    def _log(self, level: str, line: str) -> None:
        if self._options.verbose or level == "error":
            self._errors.print(Text(f"{level}: {for_terminal(line.rstrip())}"), soft_wrap=True)

    def _show(self, result: BatchResult) -> Report:
        """Print the result; return the report of the problems that are not in the baseline."""
        if not result.report.checked_anything:
            self._show_unchecked(result)
        report = self._without_known(result.report)
        if self._options.diff:
            print_patch(result.fixes, Path.cwd())
            return report
        if result.fixes.changes:
            click.echo(_fixed(result.fixes), err=True)
        self._write(report)
        return report

    def _without_known(self, report: Report) -> Report:
        if (file := self._options.write_baseline) is not None:
            written = baseline.write(file, report.problems, source_lines)
            click.echo(f"{file} has {counted(written, 'known problem')} now.", err=True)
        if (file := self._options.baseline) is None:
            return report
        left = baseline.filtered(file, report.problems, source_lines)
        if left.gone:
            click.echo(
                f"{counted(left.gone, 'problem')} of {file} did not occur:"
                f" after a check of the whole project, write it again.",
                err=True,
            )
        known = len(report.problems) - len(left.new)
        return replace(report, problems=left.new, known=known)

    def _show_unchecked(self, result: BatchResult) -> None:
        if self._options.allow_empty or self._options.watch:
            click.echo(NOTHING, err=True)
        else:
            CannotRun(NOTHING).show()
        files = {*(each.job.file for each in result.results), *self._passed_over}
        for line in details(sorted(files), result.folder):
            click.echo(line, err=True)

    def _write(self, report: Report) -> None:
        """Write the report to the output file, or to stdout."""
        file = self._options.output_file
        if file is None:
            self._write_to(sys.stdout, report)
            return
        stream = io.StringIO(newline="\n")
        self._write_to(stream, report)
        try:
            # File names and messages may hold surrogates, which UTF-8 cannot encode.
            write_whole(file, stream.getvalue().encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise CannotRun(f"{file} cannot be written: {error.strerror}.") from error

    def _write_to(self, stream: TextIO, report: Report) -> None:
        if self._options.statistics:
            rendered: str | Text = text.render_statistics(report)
        else:
            rendered = self._options.format.render(report)
        if isinstance(rendered, Text):
            # A terminal wraps long lines itself, and in a file they stay whole.
            Console(file=stream).print(rendered, soft_wrap=True)
        else:
            stream.write(rendered)


def _fixed(fixes: CombinedFixes) -> str:
    problems = "1 problem" if fixes.fixed == 1 else f"{fixes.fixed} problems"
    files = "1 file" if len(fixes.changes) == 1 else f"{len(fixes.changes)} files"
    return f"Fixed {problems} in {files}."
