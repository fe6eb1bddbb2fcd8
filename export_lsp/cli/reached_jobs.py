"""``--changed-since``: the jobs whose results a change may have an effect on."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from pathlib import Path

from export_lsp.cli.batch import BatchRunner
from export_lsp.cli.batch_order import import_graph
from export_lsp.cli.changed_files import changed_files
from export_lsp.cli.jobs import Job
from export_lsp.engine.checker import Checker
from export_lsp.engine.files import disk
from export_lsp.engine.files.imported_names import ImportGraph
from export_lsp.engine.recall import PastResult
from export_lsp.settings import pyproject

Find = Callable[[Path, str], Set[Path]]


async def reached_jobs(jobs: Sequence[Job], revision: str, runner: BatchRunner) -> Sequence[Job]:
    """Return the jobs that the changes since a revision of Git can reach.

    A change reaches a file whose last result rests on what has changed: the file itself, modules,
    data.  Where no result is remembered, it reaches what imports a changed file, by the import
    statements.  A change of pyproject.toml reaches all files of its folder.

    Raises:
        CannotRun: A folder is in no repository of Git, or there is no such revision.
    """
    changed = {folder: changed_files(folder, revision) for folder in {job.folder for job in jobs}}
    graphs: dict[Path, ImportGraph] = {}
    checkers = runner.checkers(jobs) if runner.remembered is not None else {}
    reached = []
    for job in jobs:
        since = changed[job.folder]
        past = await _newest(job, runner, checkers)
        if past is not None and _holds_but_for(past, since):
            hit = job.file in since or any(past.restored().rests_on(file) for file in since)
        else:
            graph = graphs.setdefault(job.folder, import_graph(job))
            hit = not since.isdisjoint(graph.reached(job.file))
        if hit or job.folder / pyproject.NAME in since:
            reached.append(job)
    return reached


async def _newest(
    job: Job, runner: BatchRunner, checkers: dict[Path, Checker]
) -> PastResult | None:
    if runner.remembered is None:
        return None
    checker = checkers[job.folder]
    return await runner.remembered.newest(job, checker, runner.fix_options.budget(checker.settings))


def _holds_but_for(past: PastResult, changed: Set[Path]) -> bool:
    """Return whether all files that a result has read are the same, but for the changed ones.

    Otherwise it is older than the revision, and what it rests on may have been something else then.
    """
    kept = {file: digest for file, digest in past.digests.items() if Path(file) not in changed}
    return disk.digests(kept) == kept
