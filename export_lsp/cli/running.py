"""Checks many files in parallel and puts their findings together as one report."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Coroutine,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.progress import Progress

from export_lsp.cli.failure import CannotRun
from export_lsp.cli.folders import interpreter_of
from export_lsp.cli.formats import Report
from export_lsp.cli.mend import Mended, mend, write
from export_lsp.cli.outcome import Job, Outcome, problems
from export_lsp.protocol import (
    Check,
    Exited,
    Log,
    Output,
    RunEvent,
    StageEntered,
    Unusable,
)
from export_lsp.server.fixing import Budget, Event, with_fixes
from export_lsp.server.hosts import UnusableInterpreterError, WorkerHost, open_host
from export_lsp.server.runs import STAGE_DOING, events, numbers
from export_lsp.settings import Settings

LogLine = Callable[[str, str], None]


@dataclass(frozen=True)
class Fixing:
    """What to do about fixes: nothing, offer them, put them together (`mend`), write them."""

    offer: bool = False
    unverified: bool = False
    mend: bool = False
    write: bool = False

    def budget(self, settings: Settings) -> Budget:
        candidates = settings.fix_candidates if self.offer or self.mend else 0
        return Budget(candidates, settings.fix_seconds, self.unverified)


async def check_files(
    jobs: Sequence[Job],
    *,
    at_once: int,
    here: Path,
    log: LogLine,
    progress: Progress,
    fixing: Fixing,
) -> tuple[Report, Mended]:
    """Check the jobs' files, at most `at_once` at a time; `here` is where shown paths start.

    If fixes were written, the report is of the files with them.

    Raises:
        CannotRun: an interpreter is missing or has no usable torch, or a file cannot be written.
    """
    async with _hosts(jobs, log) as hosts:
        gate = asyncio.Semaphore(at_once)
        bar = progress.add_task("Importing torch …", total=len(jobs))

        async def one(job: Job, fixing: Fixing, texts: Mapping[str, str]) -> Outcome:
            async with gate:
                checking = _Checking(hosts[job.folder], here, log, progress)
                outcome = await checking.check(job, fixing, texts)
                progress.advance(bar)
                return outcome

        outcomes = await _together(one(job, fixing, {}) for job in jobs)
        mended = Mended()
        if fixing.mend:
            mended = await mend(outcomes, lambda job, texts: one(job, Fixing(), texts))
        if fixing.write and mended.changes:
            write(mended)
            outcomes = await _together(
                _done(outcome)
                if mended.changes.keys().isdisjoint(outcome.sources)
                else one(outcome.job, Fixing(), {})
                for outcome in outcomes
            )
    report = Report(
        problems=tuple(problems(outcomes)),
        files=tuple(str(o.job.file) for o in outcomes if o.job.named or o.seconds or o.findings),
        targets=tuple(target for outcome in outcomes for target in outcome.targets()),
        folder=here,
        offered=tuple(offered for outcome in outcomes for offered in outcome.offers),
    )
    return report, mended


async def _together(tasks: Iterable[Coroutine[Any, Any, Outcome]]) -> list[Outcome]:
    """All outcomes; if one of them fails, the others are ended first."""
    running = [asyncio.ensure_future(task) for task in tasks]
    try:
        return await asyncio.gather(*running)
    except UnusableInterpreterError as error:
        raise CannotRun(unusable(error.unusable)) from error
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _done(outcome: Outcome) -> Outcome:
    return outcome


def unusable(answer: Unusable) -> str:
    """What a host said of its interpreter, and what to do about it."""
    return f"{answer.message.rstrip('.')} (--python, or the setting `interpreter`)."


@contextlib.asynccontextmanager
async def _hosts(jobs: Sequence[Job], log: LogLine) -> AsyncIterator[dict[Path, WorkerHost]]:
    """A host for each workspace folder; folders of one interpreter share theirs."""
    folders = {job.folder: job.resolved for job in jobs}
    opened: dict[tuple[Path, bool], WorkerHost] = {}
    try:
        by_folder = {}
        for folder, resolved in folders.items():
            interpreter = interpreter_of(folder, resolved)
            log("info", f"{folder} is checked by {interpreter.path}: {interpreter.reason}")
            key = (interpreter.path, resolved.settings.standby)
            if key not in opened:
                opened[key] = open_host(key[0], standby=key[1], log=log)
            by_folder[folder] = opened[key]
        yield by_folder
    finally:
        await asyncio.gather(*(host.close() for host in opened.values()))


@dataclass(frozen=True)
class _Checking:
    """Carries out checks on a host, and shows how far they are."""

    host: WorkerHost
    here: Path
    log: LogLine
    progress: Progress

    async def check(self, job: Job, fixing: Fixing, texts: Mapping[str, str]) -> Outcome:
        """What comes of a check with other texts than those on disk."""
        outcome = Outcome(job, self.here, texts)
        settings = job.resolved.settings
        check = job.resolved.check(job.folder, job.file, next(numbers))

        def carry_out(check: Check) -> AsyncGenerator[RunEvent, None]:
            return events(self.host, check, timeout=settings.timeout)

        check = replace(check, texts=dict(texts))
        async with contextlib.aclosing(
            with_fixes(carry_out, check, fixing.budget(settings))
        ) as stream:
            async for event in stream:
                outcome.note(event)
                self._show(job, event)
        return outcome

    def _show(self, job: Job, event: Event) -> None:
        if isinstance(event, StageEntered):
            mode = f" ({event.mode})" if event.mode else ""
            self._describe(f"{job.file.name}: {STAGE_DOING[event.stage]}{mode}")
        elif isinstance(event, Exited):
            self._describe(f"{job.file.name}: looking for fixes")
        elif isinstance(event, Log):
            self.log(event.level, event.text)
        elif isinstance(event, Output):
            self.log("info", event.text)

    def _describe(self, doing: str) -> None:
        [bar] = self.progress.task_ids
        self.progress.update(bar, description=doing)
