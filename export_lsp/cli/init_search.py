"""The search for example inputs on the command line: the models of all folders, with progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.jobs import Job
from export_lsp.cli.progress_bar import progress_bar
from export_lsp.cli.unusable import unusable_message
from export_lsp.engine.checker import Checker
from export_lsp.engine.declaring.changes import Style
from export_lsp.engine.declaring.declare import Trying, declare
from export_lsp.engine.declaring.models import Model, undeclared
from export_lsp.engine.declaring.project_files import read_project
from export_lsp.engine.declaring.search import Outcome
from export_lsp.engine.hosts import UnusableInterpreterError
from export_lsp.engine.hosts.pool import Pool
from export_lsp.engine.interpreters import InterpreterError
from export_lsp.engine.runs import run_numbers
from export_lsp.fixes.usage.uses import Uses


@dataclass(frozen=True)
class Found:
    """The outcomes of a search.

    Attributes:
        outcomes: Those of the models that need a declaration.
        left_out: The models that need none, with the reasons.
        jobs: The job of each file, by its path.
    """

    outcomes: Sequence[Outcome]
    left_out: Sequence[Model]
    jobs: Mapping[str, Job]


async def find(
    jobs: Sequence[Job], named: frozenset[Path], style: Style, console: Console
) -> Found:
    """Look for example inputs of the models in files that declare no target.

    Args:
        jobs: The jobs of the files.
        named: The files that the user has named.
        style: Where declarations are to be written.
        console: Where the progress is shown.

    Raises:
        CannotRun: An interpreter is missing or has no usable torch.
    """
    outcomes: list[Outcome] = []
    left_out: list[Model] = []
    pool = Pool(lambda level, line: None)
    try:
        for folder in {job.folder: None for job in jobs}:
            own = [job for job in jobs if job.folder == folder]
            found = await _in_folder(folder, own, named, style, pool, console)
            outcomes += found.outcomes
            left_out += found.left_out
    except UnusableInterpreterError as error:
        raise CannotRun(unusable_message(error.unusable)) from error
    finally:
        await pool.close()
    return Found(outcomes, left_out, {str(job.file): job for job in jobs})


async def _in_folder(
    folder: Path,
    jobs: Sequence[Job],
    named: frozenset[Path],
    style: Style,
    pool: Pool,
    console: Console,
) -> Found:
    resolved = jobs[0].resolved
    files = [job.file for job in jobs]
    with progress_bar(console) as progress:
        bar = progress.add_task("Reading the project …", total=None)
        project = read_project(folder, resolved.settings.exclude, files)
        uses = Uses(project)
        targets = {str(file) for file in resolved.targets}
        paths = [str(file) for file in files if str(file) not in targets]
        models = list(undeclared(project, uses, paths, map(str, named)))
        wanted = [model for model in models if not model.left_out]
        left_out = [model for model in models if model.left_out]
        if not wanted:
            return Found([], left_out, {})
        checker = checker_for(jobs[0], pool)
        progress.update(bar, description="Importing torch …", total=len(wanted))

        def trying(model: Model) -> Trying:
            check = resolved.check(folder, Path(model.file), next(run_numbers))
            return Trying(check, checker.carry_out)

        def report(model: Model, count: int) -> None:
            name = f"{Path(model.file).name}: {model.name}"
            progress.update(bar, description=f"{name} with inputs {count}")

        outcomes = await declare(wanted, project, uses, trying, style, report)
    return Found(outcomes, left_out, {})


def checker_for(job: Job, pool: Pool) -> Checker:
    """Return what carries out the checks of a job's folder.

    Raises:
        CannotRun: No interpreter was found.
    """
    checker = Checker(job.folder, pool)
    checker.configure(job.resolved)
    try:
        checker.require_interpreter()
    except InterpreterError as error:
        raise CannotRun(str(error)) from error
    return checker
