"""The checks of one batch: in parallel, in a good order, and only those that are not remembered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from export_lsp.cli.batch_observer import BatchObserver
from export_lsp.cli.batch_order import expected_seconds, in_order, libraries_of_jobs
from export_lsp.cli.batch_progress import doing
from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.fix_options import FixOptions
from export_lsp.cli.interruption import Interruption
from export_lsp.cli.jobs import Job, JobResult
from export_lsp.cli.remembered import Recording, Remembered
from export_lsp.cli.unusable import unusable_message
from export_lsp.engine.checker import Checker
from export_lsp.engine.files.directories import cache_directory
from export_lsp.engine.fixing import Event, with_fixes
from export_lsp.engine.fixing.trials import CarryOut
from export_lsp.engine.hosts import LogLine, UnusableInterpreterError
from export_lsp.engine.nodes.dask_nodes import DaskNodes, NodesError
from export_lsp.engine.recall import PastResources, Resources
from export_lsp.engine.runs import run_numbers
from export_lsp.engine.scheduling.slots import UNKNOWN_MEMORY, Need, Slot, Slots, Urgency
from export_lsp.protocol import Check, Exited, Log, Output, RunEvent, StageEntered


@dataclass
class BatchChecks:
    """Carries out the checks of one batch; see `BatchRunner` for the attributes.

    `checkers` has one for each workspace folder of the jobs.
    """

    checkers: Mapping[Path, Checker]
    slots: Slots
    observer: BatchObserver
    report_folder: Path
    log: LogLine
    fix_options: FixOptions
    remembered: Remembered | None
    interruption: Interruption
    nodes: DaskNodes | None = None
    _resources: dict[Path, PastResources] = field(default_factory=dict)

    async def run(self, jobs: Sequence[Job], known: Mapping[Path, JobResult]) -> list[JobResult]:
        """Carry out jobs; return their results in the same order.

        Raises:
            CannotRun: An interpreter has no usable torch.
        """
        results = {job.file: known.get(job.file) or self._new_result(job) for job in jobs}
        left = [job for job in jobs if job.file not in known]
        if self.remembered is not None:
            found = await self._find_remembered(left, self.remembered)
            results.update(found)
            left = [job for job in left if job.file not in found]
        if self.remembered is not None:
            self._resources = {
                job.folder: PastResources(cache_directory(), job.folder)
                for job in {job.folder: job for job in left}.values()
            }
        seconds = self._expected(left)
        self.observer.begin(seconds, self.slots.count)
        ordered = in_order(left, seconds, self.slots.count, libraries_of_jobs())
        try:
            checks = (self._check(results[job.file], self.fix_options) for job in ordered)
            await _all(checks, self.interruption)
        finally:
            for past in self._resources.values():
                past.save()
        return [results[job.file] for job in jobs]

    async def check_again(self, jobs: Sequence[Job]) -> list[JobResult]:
        """Carry out jobs whose files have been fixed, without a search for further fixes."""
        results = [self._new_result(job) for job in jobs]
        checks = (self._check(result, FixOptions()) for result in results)
        await _all(checks, self.interruption)
        return results

    async def check_texts(self, job: Job, texts: Mapping[str, str]) -> JobResult:
        """Check a job's file with these texts in place of files on disk."""
        result = self._new_result(job, texts)
        await self._check(result, FixOptions())
        return result

    def _new_result(self, job: Job, texts: Mapping[str, str] | None = None) -> JobResult:
        return JobResult(job, self.report_folder, texts or {})

    # --- remembered results ------------------------------------------------------------------

    async def _find_remembered(
        self, jobs: Sequence[Job], remembered: Remembered
    ) -> dict[Path, JobResult]:
        found = {}
        for job in jobs:
            if self.interruption.cause is not None:
                break
            checker = self.checkers[job.folder]
            result = await remembered.find(job, checker, self.fix_options.budget(checker.settings))
            # Of fixes that are to be combined, it is not remembered how many problems they fix.
            if result is None or (self.fix_options.combine and result.findings):
                continue
            found[job.file] = result
            self.observer.checked(result)
        self.log("info", f"the results of {len(found)} of {len(jobs)} files are remembered")
        return found

    def _expected(self, jobs: Sequence[Job]) -> dict[Path, float]:
        known = {job.file: self._last(job) for job in jobs}
        seconds = {file: taken.seconds for file, taken in known.items() if taken is not None}
        return expected_seconds(jobs, seconds)

    def _last(self, job: Job) -> Resources | None:
        """What the last check of a job's file took, None if that is unknown."""
        past = self._resources.get(job.folder)
        return past.of(job.file) if past is not None else None

    def _need(self, job: Job, urgency: Urgency) -> Need:
        taken = self._last(job)
        device = job.resolved.settings.device
        gpu = device if device.startswith("cuda") else ""
        return Need(urgency, taken.memory if taken is not None else UNKNOWN_MEMORY, gpu)

    # --- checks ------------------------------------------------------------------------------

    async def _check(self, result: JobResult, options: FixOptions) -> None:
        """Carry out the check of a result's job, as soon as there is a slot for it."""
        job = result.job
        checker = self.checkers[job.folder]
        check = job.resolved.check(job.folder, job.file, next(run_numbers))
        check = replace(check, texts=dict(result.texts), graph=job.graph)
        budget = options.budget(checker.settings)
        recording = None
        # What a result rests on is known of this machine only.
        if self.remembered is not None and self.nodes is None and not result.texts:
            recording = self.remembered.recording(job, checker, check, budget)
        async with self.slots.taken(self._need(job, Urgency.UNSEEN)) as slot:
            self.observer.started(job)
            run = self._run_here_or_there(checker, check)
            carry_out = _CarryOut(run, self.slots, self._need(job, Urgency.SHOWN), check)
            async with aclosing(with_fixes(carry_out, check, budget)) as events:
                async for event in events:
                    self._take(event, result, recording, slot)
        if recording is not None:
            recording.end()
        self.observer.ended(job)

    def _run_here_or_there(self, checker: Checker, own: Check) -> CarryOut:
        """Return the function that carries out a check and its trials, on the nodes if any."""
        nodes = self.nodes
        if nodes is None:
            return checker.carry_out
        return lambda check: nodes.carry_out(check, checker.settings, first=check.run != own.run)

    def _take(
        self, event: Event, result: JobResult, recording: Recording | None, slot: Slot
    ) -> None:
        job = result.job
        result.note(event)
        if recording is not None:
            recording.note(event)
        self.observer.event(job, event)
        if isinstance(event, StageEntered):
            self.log("debug", f"{job.file}: {doing(event)}")
        elif isinstance(event, Log):
            self.log(event.level, event.text)
        elif isinstance(event, Output):
            self.log("info", event.text)
        elif isinstance(event, Exited):
            self.log("debug", f"{job.file}: checked")
            slot.release()  # trials have slots of their own
            if result.resources is not None and job.folder in self._resources:
                self._resources[job.folder].note(job.file, result.resources)
            self.observer.checked(result)


@dataclass(frozen=True)
class _CarryOut:
    """Carries out a check, which has its slot, and its trials, each of which waits for its own.

    Trials come before other checks: the search for fixes may take only so long after the check.
    """

    run: CarryOut
    slots: Slots
    need: Need
    check: Check

    async def __call__(self, check: Check) -> AsyncGenerator[RunEvent, None]:
        async with AsyncExitStack() as stack:
            if check.run != self.check.run:
                await stack.enter_async_context(self.slots.taken(self.need))
            events = await stack.enter_async_context(aclosing(self.run(check)))
            async for event in events:
                yield event


async def _all(checks: Iterable[Coroutine[Any, Any, None]], interruption: Interruption) -> None:
    """Wait until all checks have ended; after a failure or an interruption the others are ended."""
    running = {asyncio.ensure_future(check) for check in checks}
    interrupted = asyncio.ensure_future(interruption.wait())
    left = set(running)
    try:
        while left and not interrupted.done():
            ended, _ = await asyncio.wait({*left, interrupted}, return_when=asyncio.FIRST_COMPLETED)
            left -= ended
            for each in ended:
                each.result()
    except UnusableInterpreterError as error:
        raise CannotRun(unusable_message(error.unusable)) from error
    except NodesError as error:
        raise CannotRun(str(error)) from error
    finally:
        for task in (*running, interrupted):
            task.cancel()
        await asyncio.gather(*running, interrupted, return_exceptions=True)
