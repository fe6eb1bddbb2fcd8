"""``export-lsp init``: declares targets for the models that have none.

The example inputs are guessed from the syntax of a file, and a model is declared only with inputs
that it ran with.  Where none were found, a skeleton is added in comments.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.console import Console

from export_lsp.cli.batch import BatchRunner, FixOptions
from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.combined_fixes import CombinedFixes, FileChange, write
from export_lsp.cli.job_selection import jobs_for
from export_lsp.cli.jobs import Job, JobResult
from export_lsp.cli.patch import print_patch
from export_lsp.cli.progress_bar import progress_bar
from export_lsp.cli.report import shown_path
from export_lsp.engine.hosts.pool import Pool
from export_lsp.engine.unchecked import Unchecked, unchecked_in
from export_lsp.fixes.edits import edited_texts
from export_lsp.fixes.example_inputs.skeleton import with_skeleton
from export_lsp.safe_text import one_line
from export_lsp.source import Source
from export_lsp.verdicts.verdict import counted


@dataclass(frozen=True)
class Declared:
    """The outcome for one model: the change of its file, and whether the model ran with it.

    `change` is None if the file cannot be edited.
    """

    model: Unchecked
    change: FileChange | None
    ran: bool


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option("--python", metavar="PATH", help="The interpreter that has torch.")
@click.option("--dry-run", is_flag=True, help="Print what would be written, and write nothing.")
def command(paths: tuple[Path, ...], python: str | None, dry_run: bool) -> None:
    """Declare targets for the models that have none.

    PATH is a file, or a folder whose Python files are searched for models; the working directory
    by default.  Each model is run with the inputs that are written for it.  Exits 2 if there is no
    model without a target.
    """
    selected = jobs_for(paths or (Path(),), {"interpreter": python})
    named = [job.file for job in selected.jobs if job.named]
    found = list(unchecked_in(sorted({*selected.passed_over, *named})))
    models = [each for each in found if not each.is_export]
    if models:
        jobs = [_job(each, selected.jobs, python) for each in models]
        results = asyncio.run(_search(jobs))
        _report([_declared(*pair) for pair in zip(models, results, strict=True)], dry_run)
    for line in _exports(found):
        click.echo(line, err=True)
    if not models:
        raise CannotRun("There is no model without a target.")


def _job(model: Unchecked, known: Sequence[Job], python: str | None) -> Job:
    """The job that checks a model's file; other files have been checked for their settings."""
    job = next((each for each in known if each.file == model.file), None)
    if job is None:
        [job] = jobs_for([model.file], {"interpreter": python}).jobs
    return replace(job, named=True)


async def _search(jobs: Sequence[Job]) -> Sequence[JobResult]:
    """Check the files and look for inputs that their models run with."""
    pool = Pool(lambda level, line: None)
    runner = BatchRunner(pool, 2, Path.cwd(), lambda level, line: None, FixOptions(search=True))
    try:
        with progress_bar(Console(stderr=True)) as progress:
            return (await runner.run(jobs, progress, {})).results
    finally:
        await pool.close()


def _declared(model: Unchecked, result: JobResult) -> Declared:
    """The declaration that was tried, or else a skeleton."""
    file = str(model.file)
    if any(finding.rule != "no-target" for finding in result.findings) or result.seconds:
        return Declared(model, None, False)  # it cannot be imported, or has a target after all
    source = result.sources.get(file)
    fixes = [each.fix for each in result.fixes if each.fix.kind == "declaration"]
    if source is None:
        return Declared(model, None, False)
    if fixes:
        text = edited_texts({file: source}, fixes[0].edits)[file]
        return Declared(model, FileChange(source, text), True)
    return Declared(model, _skeleton(source, model), False)


def _skeleton(source: Source, model: Unchecked) -> FileChange | None:
    text = with_skeleton(source, model.name)
    return FileChange(source, text) if text is not None else None


def _report(declared: Sequence[Declared], dry_run: bool) -> None:
    changes = {str(each.model.file): each.change for each in declared if each.change is not None}
    combined = CombinedFixes(len(changes), changes)
    print_patch(combined, Path.cwd())
    if not dry_run:
        write(combined)
    for each in declared:
        click.echo(_line(each), err=True)
    ran = sum(each.ran for each in declared)
    verb = "would be declared" if dry_run else "declared"
    click.echo(f"{counted(ran, 'target')} {verb}.", err=True)


def _line(declared: Declared) -> str:
    model = declared.model
    place = f"{one_line(shown_path(str(model.file), Path.cwd()))}:{model.line} {model.name}"
    if declared.ran:
        return f"{place}: ran with these inputs"
    if declared.change is not None:
        return f"{place}: no inputs were found that it runs with; fill in the skeleton"
    return f"{place}: left alone; `export-lsp check` says why"


def _exports(found: Sequence[Unchecked]) -> Iterator[str]:
    for each in found:
        if each.is_export:
            file = one_line(shown_path(str(each.file), Path.cwd()))
            yield f"{file}:{each.line} {each.name}: `export-lsp check --run-main {file}` checks it"
