"""Checks many files in parallel and puts their findings together as one report."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.progress import Progress

from export_lsp.cli.failure import CannotRun
from export_lsp.cli.folders import interpreter_of
from export_lsp.cli.formats import CheckedTarget, Report
from export_lsp.findings import Problem, merge
from export_lsp.protocol import (
    Finding,
    Found,
    Log,
    Mode,
    Output,
    RunEvent,
    StageEntered,
    TargetStarted,
    Unusable,
)
from export_lsp.server.hosts import UnusableInterpreterError, WorkerHost, open_host
from export_lsp.server.runs import STAGE_DOING, events, numbers
from export_lsp.settings import Resolved

LogLine = Callable[[str, str], None]


@dataclass(frozen=True)
class Job:
    """A file to check and the workspace folder whose settings it has.

    `named` is false for a file found in a folder: having no target is then no news.
    """

    file: Path
    folder: Path
    resolved: Resolved
    named: bool


@dataclass
class _Outcome:
    """What the run of one job has said so far."""

    job: Job
    here: Path
    findings: list[Finding] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    modes: dict[str, list[Mode]] = field(default_factory=dict)
    _started: float = 0.0
    _target: str | None = None

    def note(self, event: RunEvent) -> None:
        if isinstance(event, TargetStarted):
            self.end_target()
            self._target, self._started = event.target, time.monotonic()
        elif isinstance(event, StageEntered) and event.mode is not None:
            self.modes.setdefault(self._label(event.target), []).append(event.mode)
        elif isinstance(event, Found):
            if event.finding.rule == "no-target" and not self.job.named:
                return
            target = self._label(event.finding.target) if event.finding.target else ""
            self.findings.append(replace(event.finding, target=target))

    def end_target(self) -> None:
        if self._target is not None:
            spent = time.monotonic() - self._started
            self.seconds[self._target] = self.seconds.get(self._target, 0.0) + spent
            self._target = None

    def targets(self) -> list[CheckedTarget]:
        return [CheckedTarget(str(self.job.file), *item) for item in self.seconds.items()]

    def _label(self, target: str) -> str:
        return CheckedTarget(str(self.job.file), target, 0.0).label(self.here)


async def check_files(
    jobs: Sequence[Job], *, at_once: int, here: Path, log: LogLine, progress: Progress
) -> Report:
    """Check the jobs' files, at most `at_once` at a time; `here` is where shown paths start.

    Raises:
        CannotRun: an interpreter is missing or has no usable torch.
    """
    async with _hosts(jobs, log) as hosts:
        gate = asyncio.Semaphore(at_once)
        bar = progress.add_task("Importing torch …", total=len(jobs))

        async def one(job: Job) -> _Outcome:
            async with gate:
                outcome = await _check(job, hosts[job.folder], here, log, progress)
                progress.advance(bar)
                return outcome

        tasks = [asyncio.ensure_future(one(job)) for job in jobs]
        try:
            outcomes = await asyncio.gather(*tasks)
        except UnusableInterpreterError as error:
            raise CannotRun(unusable(error.unusable)) from error
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    return Report(
        problems=tuple(_problems(outcomes)),
        files=tuple(str(o.job.file) for o in outcomes if o.job.named or o.seconds or o.findings),
        targets=tuple(target for outcome in outcomes for target in outcome.targets()),
        folder=here,
    )


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


async def _check(
    job: Job, host: WorkerHost, here: Path, log: LogLine, progress: Progress
) -> _Outcome:
    outcome = _Outcome(job, here)
    [bar] = progress.task_ids
    check = job.resolved.check(job.folder, job.file, next(numbers))
    async with contextlib.aclosing(
        events(host, check, timeout=job.resolved.settings.timeout)
    ) as stream:
        async for event in stream:
            outcome.note(event)
            if isinstance(event, StageEntered):
                mode = f" ({event.mode})" if event.mode else ""
                doing = f"{job.file.name}: {STAGE_DOING[event.stage]}{mode}"
                progress.update(bar, description=doing)
            elif isinstance(event, Log):
                log(event.level, event.text)
            elif isinstance(event, Output):
                log("info", event.text)
    outcome.end_target()
    return outcome


def _problems(outcomes: Sequence[_Outcome]) -> list[Problem]:
    """All problems by file and position; each folder's findings under its own settings."""
    problems: list[Problem] = []
    for folder in {outcome.job.folder: None for outcome in outcomes}:
        mine = [outcome for outcome in outcomes if outcome.job.folder == folder]
        settings = mine[0].job.resolved.settings
        problems += merge(
            (finding for outcome in mine for finding in outcome.findings),
            modes=settings.modes,
            severities=settings.severities,
            target_modes={label: set(m) for o in mine for label, m in o.modes.items()},
        )
    return sorted(problems, key=lambda problem: (problem.location.file, problem.location.start))
