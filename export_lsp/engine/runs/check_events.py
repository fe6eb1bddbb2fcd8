"""Carries out one check on a host, in as many runs as it takes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator
from dataclasses import replace

from export_lsp.engine.hosts import WorkerHost
from export_lsp.engine.hosts.exit_status import FLOODED, SIGKILL
from export_lsp.engine.runs.faults import BrokenRun, Limits, broken_outcome, fault_finding
from export_lsp.engine.runs.own_files import is_own_file
from export_lsp.engine.runs.progress import RunProgress
from export_lsp.engine.runs.run_clock import RunClock
from export_lsp.protocol import (
    Check,
    Costs,
    Exited,
    Found,
    Graph,
    Insight,
    Log,
    Reached,
    RunEvent,
    ScriptStarted,
    TargetEnded,
    TargetStarted,
)

# Seconds that a host may take to begin a run: it may have to import or build something first.
START_ALLOWANCE = 60.0

# Seconds that a late run has to report what it is doing, and to end.
LATE_GRACE = 2.0

# The numbers of runs, unique among all hosts of this process.
run_numbers = itertools.count(1)


async def check_events(
    host: WorkerHost, check: Check, *, timeout: float, script_timeout: float | None = None
) -> AsyncGenerator[RunEvent, None]:
    """Yield the events of a check, the last one its only `Exited`.

    A run that breaks off (time-out, crash, lack of memory) yields a finding that says so, and the
    targets that it did not reach are checked in a further run.  Closing the generator early kills
    the run.

    Args:
        host: The host that carries out the runs.
        check: The check; its `run` is the number of every run.
        timeout: The seconds that each target may take, by a `RunClock`.
        script_timeout: The seconds that a script may take to reach its export, by default the same.

    Raises:
        UnusableInterpreterError: The host's interpreter cannot check models.
    """
    remaining: Check | None = check
    while remaining is not None:
        progress = RunProgress(remaining)
        limits = Limits(timeout, timeout if script_timeout is None else script_timeout)
        run = _run_events(host, remaining, limits, progress)
        try:
            async for event in run:
                if not isinstance(event, Exited):
                    accepted = _accepted(event, check)
                    progress.note(accepted)
                    yield accepted
                    continue
                if progress.broke_off:
                    broken = BrokenRun(progress, event.status, limits, host_died=not host.alive)
                    fault = fault_finding(broken)
                    yield Found(check.run, fault)
                    if progress.target:
                        yield TargetEnded(check.run, broken_outcome(broken, fault.rule))
                remaining = progress.next_check() if event.status != FLOODED else None
                if remaining is None:
                    yield event
        finally:
            await run.aclose()


def _accepted(event: RunEvent, check: Check) -> RunEvent:
    """Return an event, or a line for the log in place of one about a file of somebody else's."""
    if isinstance(event, Insight):
        own = [each for each in event.values if is_own_file(each.location.file, check)]
        return replace(event, values=tuple(own))
    if isinstance(event, Costs):
        operators = [each for each in event.operators if is_own_file(each.location.file, check)]
        classes = [each for each in event.classes if is_own_file(each.location.file, check)]
        return replace(event, operators=tuple(operators), classes=tuple(classes))
    if isinstance(event, Graph):
        lines = tuple(
            each
            if each.location is None or is_own_file(each.location.file, check)
            else replace(each, location=None)
            for each in event.lines
        )
        return replace(event, lines=lines)
    if not isinstance(event, Found | Reached):
        return event
    location = event.finding.location if isinstance(event, Found) else event.location
    if is_own_file(location.file, check):
        return event
    text = f"a finding in {location.file}, which is not a file of {check.folder}, is dropped"
    return Log(event.run, "warning", text)


async def _run_events(
    host: WorkerHost, check: Check, limits: Limits, progress: RunProgress
) -> AsyncGenerator[RunEvent, None]:
    """Yield the events of one run, and kill it when a target has taken its time."""
    loop = asyncio.get_running_loop()
    await host.ready()
    clock = RunClock(START_ALLOWANCE + limits.target, loop.time(), None)
    started = False
    end_of_grace = 0.0
    stream = host.check(check)
    # Not asyncio.wait_for: up to Python 3.11 it may swallow a cancellation of this task.
    upcoming: asyncio.Future[RunEvent] | None = None
    try:
        while True:
            upcoming = asyncio.ensure_future(anext(stream))
            if not progress.late and not await _arrives_in_time(upcoming, clock, host, check.run):
                progress.late, progress.starved = True, clock.was_starved
                await host.kill(check.run, late=True)
                end_of_grace = loop.time() + LATE_GRACE
            if progress.late:
                await asyncio.wait({upcoming}, timeout=max(0.0, end_of_grace - loop.time()))
            if not upcoming.done():
                break
            event = upcoming.result()
            if isinstance(event, ScriptStarted | TargetStarted) or not started:
                limit = limits.script if isinstance(event, ScriptStarted) else limits.target
                clock = RunClock(limit, loop.time(), host.processor_time(check.run))
            started = True
            yield event
            if isinstance(event, Exited):
                return
    finally:
        if upcoming is not None:
            upcoming.cancel()
            # Also asks for an exception that nobody waits for any more; asyncio would print it.
            await asyncio.gather(upcoming, return_exceptions=True)
        await stream.aclose()  # kills what is still running
    yield Exited(check.run, -SIGKILL)


async def _arrives_in_time(
    upcoming: asyncio.Future[RunEvent], clock: RunClock, host: WorkerHost, run: int
) -> bool:
    """Wait for an event of a run; return False once the clock of the run is over."""
    loop = asyncio.get_running_loop()
    while True:
        patience = 0.0 if clock.is_over else max(0.0, clock.next_reading - loop.time())
        await asyncio.wait({upcoming}, timeout=patience)
        if not upcoming.done() or loop.time() >= clock.next_reading:
            clock.read(loop.time(), host.processor_time(run))
        if upcoming.done() or clock.is_over:
            return upcoming.done()
