"""Checks many files in parallel and puts their findings together as one report."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.progress import Progress

from export_lsp.cli.failure import CannotRun
from export_lsp.cli.formats import Report
from export_lsp.cli.mend import Mended, mend, write
from export_lsp.cli.outcome import Job, Outcome, problems
from export_lsp.engine.checker import Checker
from export_lsp.engine.fixing import Budget, Event, with_fixes
from export_lsp.engine.hosts import LogLine, UnusableInterpreterError
from export_lsp.engine.hosts.pool import Pool
from export_lsp.engine.interpreters import InterpreterError
from export_lsp.engine.runs import run_numbers
from export_lsp.protocol import (
    Exited,
    Log,
    Output,
    StageEntered,
    Unusable,
)
from export_lsp.settings import Settings
from export_lsp.stages import TABLE


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


@dataclass(frozen=True)
class Checked:
    """What has come of all jobs; if fixes were written, of the files with them."""

    outcomes: Sequence[Outcome]
    mended: Mended
    here: Path

    @functools.cached_property
    def report(self) -> Report:
        outcomes = self.outcomes
        return Report(
            problems=tuple(problems(outcomes)),
            files=tuple(
                str(o.job.file) for o in outcomes if o.job.named or o.seconds or o.findings
            ),
            targets=tuple(target for outcome in outcomes for target in outcome.targets()),
            folder=self.here,
            offered=tuple(offered for outcome in outcomes for offered in outcome.offers),
        )


@dataclass(frozen=True)
class Checking:
    """Checks files, at most `at_once` at a time; `here` is where shown paths start."""

    pool: Pool
    at_once: int
    here: Path
    log: LogLine
    fixing: Fixing

    async def check(
        self, jobs: Sequence[Job], progress: Progress, known: Mapping[Path, Outcome]
    ) -> Checked:
        """Check the jobs' files, but those of which it is `known` what comes of them.

        Raises:
            CannotRun: an interpreter is missing or has no usable torch, or a file cannot be
                written.
        """
        checkers = self._checkers(jobs)
        gate = asyncio.Semaphore(self.at_once)
        missing = [job for job in jobs if job.file not in known]
        bar = progress.add_task("Importing torch …", total=len(missing))

        async def one(job: Job, fixing: Fixing, texts: Mapping[str, str]) -> Outcome:
            async with gate:
                outcome = await self._check_one(job, checkers[job.folder], progress, fixing, texts)
                progress.advance(bar)
                return outcome

        outcomes = await _together(
            _done(known[job.file]) if job.file in known else one(job, self.fixing, {})
            for job in jobs
        )
        mended = Mended()
        if self.fixing.mend:
            mended = await mend(outcomes, lambda job, texts: one(job, Fixing(), texts))
        if self.fixing.write and mended.changes:
            write(mended)
            outcomes = await _together(
                _done(outcome)
                if mended.changes.keys().isdisjoint(outcome.sources)
                else one(outcome.job, Fixing(), {})
                for outcome in outcomes
            )
        return Checked(outcomes, mended, self.here)

    async def _check_one(
        self,
        job: Job,
        checker: Checker,
        progress: Progress,
        fixing: Fixing,
        texts: Mapping[str, str],
    ) -> Outcome:
        """What comes of a check with other texts than those on disk."""
        outcome = Outcome(job, self.here, texts)
        check = job.resolved.check(job.folder, job.file, next(run_numbers))
        check = replace(check, texts=dict(texts))
        fixes = with_fixes(checker.carry_out, check, fixing.budget(checker.settings))
        async with contextlib.aclosing(fixes) as stream:
            async for event in stream:
                outcome.note(event)
                self._show(job, event, progress)
        return outcome

    def _show(self, job: Job, event: Event, progress: Progress) -> None:
        [bar] = progress.task_ids
        if isinstance(event, StageEntered):
            mode = f" ({event.mode})" if event.mode else ""
            doing = f"{job.file.name}: {TABLE[event.stage].doing}{mode}"
            progress.update(bar, description=doing)
        elif isinstance(event, Exited):
            progress.update(bar, description=f"{job.file.name}: looking for fixes")
        elif isinstance(event, Log):
            self.log(event.level, event.text)
        elif isinstance(event, Output):
            self.log("info", event.text)

    def _checkers(self, jobs: Sequence[Job]) -> dict[Path, Checker]:
        """Return a checker for each workspace folder.

        Raises:
            CannotRun: a folder has no interpreter.
        """
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
