"""``export-lsp init``: declares targets for the models that have none.

The inputs are found in the code that makes and calls the models, or guessed from their classes; a
model is declared only with inputs that it ran with.  Where none were found, a declaration with
placeholders is added in comments.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click
from rich.console import Console

from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.combined_fixes import CombinedFixes, write
from export_lsp.cli.declared_files import Declarations, declarations
from export_lsp.cli.init_script import run_script
from export_lsp.cli.init_search import Found, find
from export_lsp.cli.job_selection import SelectedJobs, jobs_for, select
from export_lsp.cli.patch import print_patch
from export_lsp.cli.report import shown_path
from export_lsp.cli.script_arguments import WithScriptArguments, script_arguments
from export_lsp.engine.declaring.changes import Style
from export_lsp.engine.declaring.search import Outcome
from export_lsp.engine.unchecked import Unchecked, unchecked_in
from export_lsp.safe_text import one_line
from export_lsp.verdicts.verdict import counted


@click.command(cls=WithScriptArguments)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option(
    "--into", type=click.Choice(["file", "pyproject"]), default="file", show_default=True,
    help="Write into the file of each model, or into pyproject.toml.",
)  # fmt: skip
@click.option(
    "--run-main", is_flag=True,
    help="Run the script PATH up to its export, with the arguments after --, and have it checked.",
)  # fmt: skip
@click.option("--python", metavar="PATH", help="The interpreter that has torch.")
@click.option("--dry-run", is_flag=True, help="Print what would be written, and write nothing.")
def command(
    paths: tuple[Path, ...], into: Style, run_main: bool, python: str | None, dry_run: bool
) -> None:
    """Declare targets for the models that have none.

    PATH is a file, or a folder whose Python files are searched for models; the working directory
    by default.  Each model is run with the inputs that are written for it.  On a terminal, asks
    before it writes.  Exits 2 if there is no model without a target.
    """
    overrides = {"interpreter": python}
    if run_main:
        _declare_script(paths, overrides, dry_run)
        return
    selected = select(paths or (Path(),), overrides)
    named = [job.file for job in selected.jobs if job.named]
    files = sorted({*selected.passed_over, *named})
    models = _jobs_of(files, overrides)
    mistakes = dict.fromkeys([*selected.mistakes, *models.mistakes])
    found = asyncio.run(find(models.jobs, frozenset(named), into, Console(stderr=True)))
    if found.outcomes:
        _declare(found, into, dry_run)
    for line in _others(found, unchecked_in(files)):
        click.echo(line, err=True)
    if not found.outcomes and not mistakes:
        mistakes["There is no model without a target."] = None
    if mistakes:
        raise CannotRun(*mistakes)


def _declare_script(
    paths: tuple[Path, ...], overrides: Mapping[str, str | None], dry_run: bool
) -> None:
    """Print the change that has a script checked, and write it if that is wanted."""
    given = script_arguments(paths) or {}
    selected = jobs_for(paths, overrides)
    if len(paths) != 1 or not [job for job in selected.jobs if job.named]:
        raise click.UsageError("--run-main needs one script: --run-main FILE -- ARGUMENT…")
    [job] = selected.jobs
    changes = run_script(job, given.get(str(job.file), []), Console(stderr=True))
    print_patch(changes, Path.cwd())
    if not dry_run and _agreed(changes):
        write(changes)
        click.echo("Next: `export-lsp check` runs the script up to its export.", err=True)


def _jobs_of(files: Sequence[Path], overrides: Mapping[str, str | None]) -> SelectedJobs:
    """One selection of all files, so that each folder's settings are read once."""
    return select(files, overrides) if files else SelectedJobs([], [], [])


def _declare(found: Found, into: Style, dry_run: bool) -> None:
    """Print the declarations, and write them if that is wanted."""
    planned = declarations(found.outcomes, found.jobs, into)
    print_patch(planned.changes, Path.cwd())
    written = not dry_run and _agreed(planned.changes)
    if written:
        write(planned.changes)
    for outcome in found.outcomes:
        click.echo(_line(outcome, planned), err=True)
    ran = sum(outcome.guess is not None for outcome in found.outcomes)
    verb = "declared" if written else "would be declared"
    click.echo(f"{counted(ran, 'target')} {verb}.", err=True)
    if written and ran:
        click.echo("Next: `export-lsp check` shows the problems in the code.", err=True)


def _agreed(changes: CombinedFixes) -> bool:
    """Return whether to write: on a terminal the user says so."""
    if not changes.changes or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return True
    files = counted(len(changes.changes), "file")
    return click.confirm(f"Write this into {files}?", default=True, err=True)


def _line(outcome: Outcome, planned: Declarations) -> str:
    model = outcome.model
    place = f"{_shown(model.file)}:{model.line} {model.name}"
    if outcome.guess is not None:
        origins = outcome.guess.origins
        source = f", as in {' and '.join(origins)}" if origins else ""
        problems = f"; {counted(outcome.problems, 'problem')} found" if outcome.problems else ""
        return f"{place}: ran with these inputs{source}{problems}"
    why = f": {one_line(outcome.refusal)}" if outcome.refusal else ""
    if model.file in planned.edited:
        return f"{place}: no inputs were found that it runs with; fill in the skeleton{why}"
    return f"{place}: left alone{why}"


def _others(found: Found, unchecked: Iterable[Unchecked]) -> Iterable[str]:
    """The models that need no declaration, and the scripts that export."""
    for model in found.left_out:
        yield f"{_shown(model.file)}:{model.line} {model.name}: {model.left_out}"
    for each in unchecked:
        if each.is_export:
            file = _shown(str(each.file))
            yield f"{file}:{each.line} {each.name}: `export-lsp check --run-main {file}` checks it"


def _shown(file: str) -> str:
    return one_line(shown_path(file, Path.cwd()))
