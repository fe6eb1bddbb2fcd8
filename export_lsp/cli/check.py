"""``export-lsp check``: check files now and print what was found.

Exit codes: 0 clean or nothing worse than information, 1 errors or warnings, 2 could not run.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from export_lsp.cli.failure import CannotRun
from export_lsp.cli.folders import folder_of
from export_lsp.cli.formats import NAMES, Report
from export_lsp.cli.mend import Mended, unified_diff
from export_lsp.cli.outcome import Job
from export_lsp.cli.running import Checked, Checking, Fixing
from export_lsp.cli.select import plan
from export_lsp.cli.watching import Known, Watch, changes_below
from export_lsp.engine.hosts.pool import Pool
from export_lsp.protocol import MODES
from export_lsp.safe_text import for_terminal

INTERRUPTED = 130
# The others have no place for them.
FORMATS_WITH_FIXES = ("text", "json", "sarif")
# Every check is single-threaded and may hold a model's graph: more at once rarely helps.
_DEFAULT_JOBS = min(4, os.cpu_count() or 1)


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option("--output-format", type=click.Choice(NAMES), default="text", show_default=True)
@click.option(
    "-o", "--output-file", type=click.Path(dir_okay=False, path_type=Path), help="Not to stdout."
)
@click.option(
    "--mode", "modes", multiple=True, type=click.Choice(MODES), help="Check this mode; repeatable."
)
@click.option("--device", metavar="auto|cpu|cuda[:N]", help="Where models are traced.")
@click.option("--python", metavar="PATH", help="The interpreter that has torch.")
@click.option("--run-main", is_flag=True, help="Run scripts up to their export; check that.")
@click.option("--timeout", type=float, metavar="SECONDS", help="For each target.")
@click.option(
    "-j", "--jobs", type=click.IntRange(1), default=_DEFAULT_JOBS, show_default="up to 4",
    help="Files checked at the same time.",
)  # fmt: skip
@click.option("--fix", is_flag=True, help="Write what was proved, show what is left.")
@click.option("--diff", is_flag=True, help="Show what --fix would write; exits 1 if there is any.")
@click.option("--unsafe-fixes", is_flag=True, help="Take fixes that could not be proved, too.")
@click.option("-w", "--watch", is_flag=True, help="Check again after changes, until Ctrl-C.")
@click.option("--statistics", is_flag=True, help="Print how often each rule was met instead.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 whatever was found.")
@click.option("-v", "--verbose", is_flag=True, help="Log to stderr, models' output included.")
def command(
    paths: Sequence[Path],
    output_format: str,
    output_file: Path | None,
    modes: Sequence[str],
    device: str | None,
    python: str | None,
    run_main: bool,
    timeout: float | None,
    jobs: int,
    fix: bool,
    diff: bool,
    unsafe_fixes: bool,
    watch: bool,
    statistics: bool,
    exit_zero: bool,
    verbose: bool,
) -> None:
    """Check model files and print what stops torch.export.

    PATH is a file, or a folder in which all Python files are checked that declare a target; the
    working directory by default.  Exits 1 if there are errors or warnings and 2 if the check
    could not run.
    """
    if statistics and output_format != "text":
        raise click.UsageError("--statistics goes with --output-format text only.")
    if watch and diff:
        raise click.UsageError("--watch does not go with --diff.")
    if watch and output_format != "text" and output_file is None:
        raise click.UsageError("--watch goes with --output-format text, or with --output-file.")
    overrides = {
        "interpreter": python,
        "device": device,
        "modes": list(modes) or None,
        "timeout": timeout,
        "run_main": run_main or None,
    }
    fixing = Fixing(
        offer=output_format in FORMATS_WITH_FIXES and not statistics,
        unverified=unsafe_fixes,
        mend=fix or diff,
        write=fix and not diff,
    )
    paths = paths or [Path()]
    planned = functools.partial(plan, paths, overrides)

    def show(checked: Checked) -> None:
        if not checked.report.files:
            click.echo("No file that declares a target was found.", err=True)
        if diff:
            sys.stdout.writelines(unified_diff(checked.mended, Path.cwd()))
            return
        if checked.mended.changes:
            click.echo(_written(checked.mended), err=True)
        write(checked.report, output_format, output_file, statistics)

    try:
        if watch:
            asyncio.run(_watch(paths, planned, show, jobs, verbose, fixing))
            return
        checked = asyncio.run(_once(planned(), jobs, verbose, fixing))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    show(checked)
    failed = bool(checked.mended.changes) if diff else checked.report.failed
    sys.exit(1 if failed and not exit_zero else 0)


def _written(mended: Mended) -> str:
    problems = "1 problem" if mended.fixed == 1 else f"{mended.fixed} problems"
    files = "1 file" if len(mended.changes) == 1 else f"{len(mended.changes)} files"
    return f"Fixed {problems} in {files}."


async def _once(jobs: Sequence[Job], at_once: int, verbose: bool, fixing: Fixing) -> Checked:
    async with _checking(at_once, verbose, fixing) as check:
        return await check(jobs, {})


async def _watch(
    paths: Sequence[Path],
    planned: Callable[[], list[Job]],
    show: Callable[[Checked], None],
    at_once: int,
    verbose: bool,
    fixing: Fixing,
) -> None:
    """Check again and again, until interrupted."""
    # Those of the files that a path stands for are these, or lie within.
    folders = {folder_of(Path(os.path.abspath(path))) for path in paths}

    def show_all(checked: Checked) -> None:
        click.clear()
        show(checked)
        click.echo("Watching for changes; Ctrl-C ends.", err=True)

    async with (
        _checking(at_once, verbose, fixing) as check,
        aclosing(changes_below(folders)) as changes,
    ):
        await Watch(planned, check, show_all, CannotRun.show).run(changes)


@asynccontextmanager
async def _checking(
    at_once: int, verbose: bool, fixing: Fixing
) -> AsyncIterator[Callable[[Sequence[Job], Known], Awaitable[Checked]]]:
    """Checks jobs, with a bar that says how far they are; hosts stay for the next ones."""
    errors = Console(stderr=True)

    def log(level: str, text: str) -> None:
        if verbose or level == "error":
            line = f"{level}: {for_terminal(text.rstrip())}"
            errors.print(line, soft_wrap=True, highlight=False, markup=False, emoji=False)

    pool = Pool(log)
    checking = Checking(pool, at_once, Path.cwd(), log, fixing)

    async def check(jobs: Sequence[Job], known: Known) -> Checked:
        with Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            console=errors,
            transient=True,
            disable=not errors.is_terminal or not jobs,
        ) as progress:
            return await checking.check(jobs, progress, known)

    try:
        yield check
    finally:
        await pool.close()


def write(report: Report, output_format: str, file: Path | None, statistics: bool) -> None:
    """Write the report to the file, or to stdout.

    Raises:
        CannotRun: the file cannot be written.
    """
    if file is None:
        _write_to(sys.stdout, report, output_format, statistics)
        return
    try:
        with open(file, "w", encoding="utf-8", newline="\n") as stream:
            _write_to(stream, report, output_format, statistics)
    except OSError as error:
        raise CannotRun(f"{file} cannot be written: {error.strerror}.") from error


def _write_to(stream: TextIO, report: Report, output_format: str, statistics: bool) -> None:
    if output_format == "text":
        from export_lsp.cli.formats import text

        console = Console(file=stream)
        (text.show_statistics if statistics else text.show)(report, console)
        return
    rendered: str = importlib.import_module(f"export_lsp.cli.formats.{output_format}").render(
        report
    )
    # Names of files and messages may hold what the stream's encoding or UTF-8 cannot.
    encoding = stream.encoding or "utf-8"
    stream.write(rendered.encode(encoding, "backslashreplace").decode(encoding))
