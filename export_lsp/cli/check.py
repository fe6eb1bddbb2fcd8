"""``export-lsp check``: checks files now and prints what was found.

Exit status: 0 if there is nothing worse than information, 1 if there are errors or warnings, 2 if
the check could not run or there was nothing to check.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from export_lsp.cli.batch import BatchResult, BatchRunner, require_torch
from export_lsp.cli.batch_progress import batch_progress
from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.check_options import CheckOptions, parsed_reports
from export_lsp.cli.check_output import CheckOutput
from export_lsp.cli.cluster import Cluster
from export_lsp.cli.folders import folder_of, interpreter_of, settings_of
from export_lsp.cli.formats import FORMATS
from export_lsp.cli.interruption import Cause, Interruption, interruption
from export_lsp.cli.job_selection import SelectedJobs, jobs_for
from export_lsp.cli.jobs import Job, JobResult
from export_lsp.cli.live_output import LiveOutput
from export_lsp.cli.message_line import print_message
from export_lsp.cli.reached_jobs import reached_jobs
from export_lsp.cli.remembered import Remembered
from export_lsp.cli.report import ProblemKey, Report
from export_lsp.cli.script_arguments import WithScriptArguments, script_arguments
from export_lsp.cli.watching import Watch, changes_below, require_watchfiles
from export_lsp.engine.hosts.orphans import own_children
from export_lsp.engine.hosts.pool import Pool
from export_lsp.engine.scheduling.slots import available_cores
from export_lsp.protocol import BACKENDS, MODES
from export_lsp.safe_text import for_terminal, one_line
from export_lsp.verdicts.verdict import counted

INTERRUPTED = 130


@click.command(cls=WithScriptArguments)
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
    "--report", "reports", multiple=True, metavar="FORMAT=FILE", callback=parsed_reports,
    help="Also write the problems to FILE in this format; may be repeated.",
)  # fmt: skip
@click.option(
    "--mode", "modes", multiple=True, type=click.Choice(MODES),
    help="Check only in this mode; may be repeated.",
)  # fmt: skip
@click.option(
    "--backend", "backends", multiple=True, type=click.Choice(BACKENDS),
    help="Convert the exported programs for this backend; may be repeated.",
)  # fmt: skip
@click.option("--device", metavar="auto|cpu|cuda[:N]", help="The device that models are traced on.")
@click.option("--python", metavar="PATH", help="The interpreter that has torch.")
@click.option(
    "--run-main", is_flag=True,
    help="Run scripts up to their export, and check that; after PATH, -- and its own arguments.",
)  # fmt: skip
@click.option("--timeout", type=float, metavar="SECONDS", help="The time that a target may take.")
@click.option(
    "-j", "--jobs", type=click.IntRange(1), default=available_cores, show_default="the cores",
    help="How many files are checked at the same time, as far as there is memory for them.",
)  # fmt: skip
@click.option(
    "--max-time", type=click.FloatRange(0, min_open=True), metavar="SECONDS",
    help="End after this time, with the results so far.",
)  # fmt: skip
@click.option(
    "--cache/--no-cache", default=True, show_default=True,
    help="Use the results of earlier checks, if all that they rest on is the same.",
)  # fmt: skip
@click.option(
    "--changed-since", metavar="REV",
    help="Check only the files that the changes since this revision of Git can reach.",
)  # fmt: skip
@click.option(
    "--executor", metavar="dask://HOST:PORT",
    help="Check on the machines of this scheduler of Dask.",
)  # fmt: skip
@click.option(
    "--shared-path", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
    help="These machines have this folder, at the same path; other files are sent to them.",
)  # fmt: skip
@click.option("--fix", is_flag=True, help="Write the proved fixes, and show what is left.")
@click.option("--diff", is_flag=True, help="Show what --fix would write; exit 1 if it is anything.")
@click.option("--unsafe-fixes", is_flag=True, help="Include fixes that could not be proved.")
@click.option("-w", "--watch", is_flag=True, help="Check again after changes, until Ctrl-C.")
@click.option(
    "--verdicts/--no-verdicts", default=None,
    help="End with a verdict on each target.  [default: text on a terminal]",
)  # fmt: skip
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
    run_args = script_arguments(options["paths"])
    check = _Check(CheckOptions(**options, run_args=run_args))
    own_children()
    try:
        sys.exit(asyncio.run(check.run()))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


class _Check:
    """One call of the command."""

    def __init__(self, options: CheckOptions) -> None:
        self._options = options
        self._output = CheckOutput(options)
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
        async with (
            interruption(self._options.max_time) as interrupted,
            self._runner(interrupted) as runner,
        ):
            selected = await asyncio.to_thread(self._select)
            jobs = await self._reached(selected.jobs, runner)
            result, printed = await self._batch(runner, jobs, {})
        if not selected.jobs:
            await self._require_torch()
        report = self._output.show(result, self._passed_over, printed)
        if selected.mistakes:
            raise CannotRun(*selected.mistakes)
        return self._exit_code(result, report, interrupted.cause)

    def _exit_code(self, result: BatchResult, report: Report, cause: Cause | None) -> int:
        if cause is not None and (unfinished := len(report.unfinished)):
            of_all = f"{unfinished} of {counted(len(result.results), 'file')}"
            were = "was" if unfinished == 1 else "were"
            print_message("error", f"{cause.name}: {of_all} {were} not checked to the end.")
            return cause.exit_code
        if cause is not None and cause.exit_code != CannotRun.exit_code:
            return cause.exit_code
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
        require_watchfiles()

        def show(result: BatchResult) -> None:
            click.clear()
            self._output.show(result, self._passed_over)
            click.echo("Watching for changes; Ctrl-C ends.", err=True)

        async with (
            self._runner(Interruption()) as runner,
            aclosing(changes_below(self._folders())) as changes,
        ):

            async def check(jobs: Sequence[Job], known: Mapping[Path, JobResult]) -> BatchResult:
                result, _ = await self._batch(runner, jobs, known)
                return result

            await Watch(self._jobs, check, show, CannotRun.show).run(changes)

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

    async def _reached(self, jobs: Sequence[Job], runner: BatchRunner) -> Sequence[Job]:
        """The jobs to carry out: with --changed-since, those that the changes can reach."""
        revision = self._options.changed_since
        if revision is None or not jobs:
            return jobs
        reached = await reached_jobs(jobs, revision, runner)
        left_out = len(jobs) - len(reached)
        click.echo(
            f"{counted(left_out, 'file')} of {len(jobs)} cannot be reached by the changes since"
            f" {one_line(revision)}.",
            err=True,
        )
        return reached

    @asynccontextmanager
    async def _runner(self, interrupted: Interruption) -> AsyncIterator[BatchRunner]:
        """Context manager whose value runs batches; its hosts stay open."""
        pool = Pool(self._log)
        options = self._options
        remembered = Remembered(Path.cwd()) if options.cache else None
        cluster = None
        if options.executor is not None:
            shared = options.shared_path
            shared = Path(os.path.abspath(shared)) if shared is not None else None
            cluster = Cluster(options.executor, shared, pool)
        try:
            yield BatchRunner(
                pool,
                options.jobs,
                Path.cwd(),
                self._log,
                options.fix_options,
                remembered,
                interrupted,
                cluster,
            )
        finally:
            await pool.close()
            if remembered is not None:
                await remembered.close()

    async def _batch(
        self, runner: BatchRunner, jobs: Sequence[Job], known: Mapping[Path, JobResult]
    ) -> tuple[BatchResult, frozenset[ProblemKey]]:
        """Run a batch, and show its progress; return the problems that were printed as well."""
        live = self._options.prints_live
        console = Console() if live else self._errors
        async with batch_progress(console) as progress:
            if not live:
                return await runner.run(jobs, progress, known), frozenset()
            output = LiveOutput(progress, console, Path.cwd())
            result = await runner.run(jobs, output, known)
            return result, frozenset(output.printed)

    def _log(self, level: str, line: str) -> None:
        if self._options.verbose or level == "error":
            self._errors.print(Text(f"{level}: {for_terminal(line.rstrip())}"), soft_wrap=True)
