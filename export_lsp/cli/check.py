"""``export-lsp check``: check files now and print what was found.

Exit codes: 0 clean or nothing worse than information, 1 errors or warnings, 2 could not run.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from export_lsp.cli.failure import CannotRun
from export_lsp.cli.folders import folder_of, settings_of
from export_lsp.cli.formats import NAMES, Report
from export_lsp.cli.mend import Mended, unified_diff
from export_lsp.cli.outcome import Job
from export_lsp.cli.running import Fixing, check_files
from export_lsp.cli.select import exclusion, may_declare_target, python_files
from export_lsp.plain import plain
from export_lsp.protocol import MODES
from export_lsp.settings import Resolved

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
@click.option("--timeout", type=float, metavar="SECONDS", help="For each target.")
@click.option(
    "-j", "--jobs", type=click.IntRange(1), default=_DEFAULT_JOBS, show_default="up to 4",
    help="Files checked at the same time.",
)  # fmt: skip
@click.option("--fix", is_flag=True, help="Write what was proved, show what is left.")
@click.option("--diff", is_flag=True, help="Show what --fix would write; exits 1 if there is any.")
@click.option("--unsafe-fixes", is_flag=True, help="Take fixes that could not be proved, too.")
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
    timeout: float | None,
    jobs: int,
    fix: bool,
    diff: bool,
    unsafe_fixes: bool,
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
    overrides = {
        "interpreter": python,
        "device": device,
        "modes": list(modes) or None,
        "timeout": timeout,
    }
    fixing = Fixing(
        offer=output_format in FORMATS_WITH_FIXES and not statistics,
        unverified=unsafe_fixes,
        mend=fix or diff,
        write=fix and not diff,
    )
    planned = plan(paths or [Path()], overrides)
    try:
        report, mended = asyncio.run(_run(planned, jobs, verbose, fixing))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    if not report.files:
        click.echo("No file that declares a target was found.", err=True)
    if diff:
        sys.stdout.writelines(unified_diff(mended, Path.cwd()))
        sys.exit(1 if mended.changes and not exit_zero else 0)
    if mended.changes:
        click.echo(_written(mended), err=True)
    write(report, output_format, output_file, statistics)
    sys.exit(1 if report.failed and not exit_zero else 0)


def plan(paths: Sequence[Path], overrides: Mapping[str, Any]) -> list[Job]:
    """A job for each file that the paths stand for, each file once.

    Raises:
        CannotRun: a path does not exist, is no Python file, or its settings do not fit.
    """
    jobs: dict[Path, Job] = {}
    resolved: dict[Path, Resolved] = {}

    def settings(folder: Path) -> Resolved:
        if folder not in resolved:
            resolved[folder] = settings_of(folder, overrides)
        return resolved[folder]

    for path in paths:
        absolute = Path(os.path.abspath(path))
        named = absolute.is_file()
        files = [absolute] if named else _in_folder(absolute, path, settings)
        for file in files:
            if file.suffix != ".py":
                raise CannotRun(f"{path} is no Python file.")
            folder = folder_of(file)
            job = Job(file, folder, settings(folder), named)
            jobs[file] = job if named else jobs.get(file, job)
    return list(jobs.values())


def _in_folder(root: Path, given: Path, settings: Callable[[Path], Resolved]) -> Iterator[Path]:
    if not root.is_dir():
        raise CannotRun(f"{given} does not exist.")
    folder = folder_of(root)
    here = settings(folder)
    for file in python_files(root, exclusion(here.settings.exclude, folder, root)):
        declared = settings(folder_of(file)).targets
        if file in declared or may_declare_target(_source(file)):
            yield file


def _source(file: Path) -> str:
    """The file's text, good enough to look for ASCII names in any encoding Python reads."""
    return file.read_bytes().decode("latin-1") if os.access(file, os.R_OK) else ""


def _written(mended: Mended) -> str:
    problems = "1 problem" if mended.fixed == 1 else f"{mended.fixed} problems"
    files = "1 file" if len(mended.changes) == 1 else f"{len(mended.changes)} files"
    return f"Fixed {problems} in {files}."


async def _run(
    jobs: Sequence[Job], at_once: int, verbose: bool, fixing: Fixing
) -> tuple[Report, Mended]:
    errors = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        console=errors,
        transient=True,
        disable=not errors.is_terminal or not jobs,
    ) as progress:

        def log(level: str, text: str) -> None:
            if verbose or level == "error":
                line = f"{level}: {plain(text.rstrip())}"
                errors.print(line, soft_wrap=True, highlight=False, markup=False, emoji=False)

        return await check_files(
            jobs, at_once=at_once, here=Path.cwd(), log=log, progress=progress, fixing=fixing
        )


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
