"""Runs batches of checks: those of one command, or of one round of ``--watch``."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from export_lsp.cli.batch_checks import BatchChecks
from export_lsp.cli.batch_observer import BatchObserver
from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.cluster import Cluster, slots_of
from export_lsp.cli.combined_fixes import CombinedFixes, combine_fixes, write
from export_lsp.cli.fix_options import FixOptions
from export_lsp.cli.interruption import Interruption
from export_lsp.cli.jobs import Job, JobResult, problems_of
from export_lsp.cli.remembered import Remembered
from export_lsp.cli.report import Report
from export_lsp.cli.unusable import unusable_message
from export_lsp.engine.checker import Checker
from export_lsp.engine.hosts import LogLine, open_host
from export_lsp.engine.hosts.pool import Pool
from export_lsp.engine.interpreters import Interpreter, InterpreterError
from export_lsp.engine.scheduling.slots import Slots
from export_lsp.protocol import Ready, Unusable
from export_lsp.settings import Resolved


@dataclass(frozen=True)
class BatchResult:
    """The results of a batch; if fixes were written, of the files with them.

    `folder` is the folder that the paths of the report start from.
    """

    results: Sequence[JobResult]
    fixes: CombinedFixes
    folder: Path

    @functools.cached_property
    def report(self) -> Report:
        """The report of all results.

        A file that was found in a folder and has neither targets nor findings is left out.
        """
        results = self.results
        problems = problems_of(results)
        return Report(
            problems=problems.shown,
            ignored=problems.ignored,
            files=tuple(
                str(each.job.file)
                for each in results
                if (each.ended and each.job.named) or each.seconds or each.findings
            ),
            unfinished=tuple(str(each.job.file) for each in results if not each.ended),
            targets=tuple(target for each in results for target in each.targets()),
            folder=self.folder,
            fixes=tuple(found for each in results for found in each.fixes),
        )


@dataclass(frozen=True)
class BatchRunner:
    """Runs batches.

    Attributes:
        pool: The worker hosts; they stay for the next batch.
        at_once: How many files are checked at the same time.
        folder: The folder that the paths of the report start from.
        log: Logs a line.
        fix_options: The use of fixes.
        remembered: The results of earlier checks; None to check everything.
        interruption: Ends batches early.
        cluster: The machines that carry out the checks, None for this one.
    """

    pool: Pool
    at_once: int
    folder: Path
    log: LogLine
    fix_options: FixOptions
    remembered: Remembered | None = None
    interruption: Interruption = field(default_factory=Interruption)
    cluster: Cluster | None = None

    async def run(
        self, jobs: Sequence[Job], observer: BatchObserver, known: Mapping[Path, JobResult]
    ) -> BatchResult:
        """Carry out jobs, except those whose results are known, by file.

        An interruption ends it with the results so far: those of checks that have not come to their
        end are not `ended`, and no fixes are combined.

        Raises:
            CannotRun: An interpreter is missing or has no usable torch, or a file cannot be
                written.
        """
        checkers = self.checkers(jobs)
        fixes = CombinedFixes()
        async with self._checks(jobs, checkers, observer) as batch:
            results = await batch.run(jobs, known)
            if self.fix_options.combine and not self.interruption.cause:
                fixes = await combine_fixes(results, batch.check_texts)
        if self.fix_options.write and fixes.changes:
            write(fixes)
            changed = [
                result.job
                for result in results
                if not fixes.changes.keys().isdisjoint(result.sources)
            ]
            # The machines of a cluster have the files as they were.
            async with self._checks(changed, checkers, observer) as batch:
                again = {each.job.file: each for each in await batch.check_again(changed)}
            results = [again.get(result.job.file, result) for result in results]
        return BatchResult(results, fixes, self.folder)

    @asynccontextmanager
    async def _checks(
        self, jobs: Sequence[Job], checkers: Mapping[Path, Checker], observer: BatchObserver
    ) -> AsyncIterator[BatchChecks]:
        """Context manager whose value carries out checks, on the cluster if there is one."""
        async with AsyncExitStack() as stack:
            nodes = None
            if self.cluster is not None and jobs:
                nodes = await stack.enter_async_context(self.cluster.nodes(jobs, checkers))
            yield BatchChecks(
                checkers,
                Slots.for_batch(self.at_once) if nodes is None else slots_of(nodes),
                observer,
                self.folder,
                self.log,
                self.fix_options,
                self.remembered,
                self.interruption,
                nodes,
            )

    def checkers(self, jobs: Sequence[Job]) -> dict[Path, Checker]:
        """Return a checker for each workspace folder of the jobs.

        Raises:
            CannotRun: There is no interpreter.
        """
        learn = self.remembered.recall.note_host if self.remembered is not None else _learn_nothing
        checkers = {}
        for folder, resolved in {job.folder: job.resolved for job in jobs}.items():
            checker = checkers[folder] = Checker(folder, self.pool, learn)
            checker.configure(resolved)
            try:
                chosen = checker.require_interpreter()
            except InterpreterError as error:
                raise CannotRun(str(error)) from error
            self.log("info", f"{folder} is checked by {chosen.path}: {chosen.reason}")
        return checkers


def _learn_nothing(interpreter: Path, ready: Ready) -> None:
    """Drop the report of a host."""


async def require_torch(interpreter: Interpreter, resolved: Resolved, log: LogLine) -> None:
    """Start a worker host once, to see whether checks could run.

    Raises:
        CannotRun: The interpreter has no usable torch.
    """
    host = open_host(interpreter.path, standby=resolved.settings.standby, log=log)
    try:
        ready = await host.ready()
    finally:
        await host.close()
    if isinstance(ready, Unusable):
        raise CannotRun(unusable_message(ready))
