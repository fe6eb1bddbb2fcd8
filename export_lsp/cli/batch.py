"""Checks a batch of files in parallel: those of one command, or of one round of ``--watch``."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.progress import Progress

from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.combined_fixes import CombinedFixes, combine_fixes, write
from export_lsp.cli.jobs import Job, JobResult, problems_of
from export_lsp.cli.report import Report
from export_lsp.engine.checker import Checker
from export_lsp.engine.fixing import Budget, Event, with_fixes
from export_lsp.engine.hosts import LogLine, UnusableInterpreterError, open_host
from export_lsp.engine.hosts.pool import Pool
from export_lsp.engine.interpreters import Interpreter, InterpreterError
from export_lsp.engine.runs import run_numbers
from export_lsp.protocol import Exited, Log, Output, StageEntered, Unusable
from export_lsp.settings import Resolved, Settings
from export_lsp.stages import TABLE


@dataclass(frozen=True)
class FixOptions:
    """The use of fixes, by default none.

    Attributes:
        search: Look for fixes, to show them.
        unverified: Include fixes that could not be proved.
        combine: Combine the fixes of all files.
        write: Write the combined fixes.
    """

    search: bool = False
    unverified: bool = False
    combine: bool = False
    write: bool = False

    def budget(self, settings: Settings) -> Budget:
        """Return the limits of the search for fixes under these settings."""
        candidates = settings.fix_candidates if self.search or self.combine else 0
        return Budget(candidates, settings.fix_seconds, self.unverified)


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
                if each.job.named or each.seconds or each.findings
            ),
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
    """

    pool: Pool
    at_once: int
    folder: Path
    log: LogLine
    fix_options: FixOptions

    async def run(
        self, jobs: Sequence[Job], progress: Progress, known: Mapping[Path, JobResult]
    ) -> BatchResult:
        """Carry out jobs, except those whose results are known, by file.

        Raises:
            CannotRun: An interpreter is missing or has no usable torch, or a file cannot be
                written.
        """
        batch = _Batch(self, self._checkers(jobs), progress)
        batch.begin(sum(job.file not in known for job in jobs))
        results = await _gather(
            _done(known[job.file]) if job.file in known else batch.check(job, self.fix_options)
            for job in jobs
        )
        fixes = CombinedFixes()
        if self.fix_options.combine:
            fixes = await combine_fixes(results, batch.check_texts)
        if self.fix_options.write and fixes.changes:
            write(fixes)
            results = await _gather(
                _done(result)
                if fixes.changes.keys().isdisjoint(result.sources)
                else batch.check(result.job)
                for result in results
            )
        return BatchResult(results, fixes, self.folder)

    def _checkers(self, jobs: Sequence[Job]) -> dict[Path, Checker]:
        """A checker for each workspace folder."""
        checkers = {}
        for folder, resolved in {job.folder: job.resolved for job in jobs}.items():
            checker = checkers[folder] = Checker(folder, self.pool)
            checker.configure(resolved)
            try:
                chosen = checker.require_interpreter()
            except InterpreterError as error:
                raise CannotRun(str(error)) from error
            self.log("info", f"{folder} is checked by {chosen.path}: {chosen.reason}")
        return checkers


@dataclass
class _Batch:
    """The checks of one batch, with a progress bar."""

    runner: BatchRunner
    checkers: Mapping[Path, Checker]
    progress: Progress
    gate: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.gate = asyncio.Semaphore(self.runner.at_once)

    def begin(self, total: int) -> None:
        self.bar = self.progress.add_task("Importing torch …", total=total)

    async def check(
        self, job: Job, options: FixOptions = FixOptions(), texts: Mapping[str, str] | None = None
    ) -> JobResult:
        """Check a job's file, with these texts in place of files on disk."""
        result = JobResult(job, self.runner.folder, texts or {})
        checker = self.checkers[job.folder]
        check = job.resolved.check(job.folder, job.file, next(run_numbers))
        check = replace(check, texts=dict(result.texts), graph=job.graph)
        async with self.gate:
            events = with_fixes(checker.carry_out, check, options.budget(checker.settings))
            async with contextlib.aclosing(events) as stream:
                async for event in stream:
                    result.note(event)
                    self._show(job, event)
            self.progress.advance(self.bar)
        return result

    async def check_texts(self, job: Job, texts: Mapping[str, str]) -> JobResult:
        """Check a job's file with these texts in place of files on disk."""
        return await self.check(job, texts=texts)

    def _show(self, job: Job, event: Event) -> None:
        if isinstance(event, StageEntered):
            mode = f" ({event.mode})" if event.mode else ""
            doing = f"{job.file.name}: {TABLE[event.stage].doing}{mode}"
            self.progress.update(self.bar, description=doing)
        elif isinstance(event, Exited):
            self.progress.update(self.bar, description=f"{job.file.name}: looking for fixes")
        elif isinstance(event, Log):
            self.runner.log(event.level, event.text)
        elif isinstance(event, Output):
            self.runner.log("info", event.text)


async def _gather(checks: Iterable[Coroutine[Any, Any, JobResult]]) -> list[JobResult]:
    """The results of all checks; if one fails, the others are ended first."""
    running = [asyncio.ensure_future(check) for check in checks]
    try:
        return await asyncio.gather(*running)
    except UnusableInterpreterError as error:
        raise CannotRun(unusable_message(error.unusable)) from error
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _done(result: JobResult) -> JobResult:
    return result


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


def unusable_message(unusable: Unusable) -> str:
    """Return the sentence for the user about an unusable interpreter, and what to do about it."""
    return f"{unusable.message.rstrip('.')} (--python, or the setting `interpreter`)."
