"""One check as its consumers see it: faults are findings, restarts stay inside.

A run that ends before it finished (timeout, crash, memory) yields a finding of its own, and the
targets it did not reach are checked in a further run.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace

from export_lsp.engine.hosts import WorkerHost
from export_lsp.engine.hosts.exit_status import crash_name, is_crash
from export_lsp.protocol import (
    INTERNAL_ERROR,
    Check,
    Exited,
    Finding,
    Finished,
    Found,
    Location,
    Mode,
    NeedsReal,
    Position,
    Reached,
    RuleCode,
    RunEvent,
    StageEntered,
    TargetsFound,
    TargetStarted,
)
from export_lsp.stages import TABLE, Stage

# By number: Windows, where no status is negative, has no such name.
SIGKILL = 9

# Seconds that a host that is not warm yet may take to begin a run.
BEGINNING = 60.0

# Seconds that a late run has to say where it is, and to end.
LAST_WORDS = 2.0

# A run's number is its own among those of all hosts of this process.
numbers = itertools.count(1)


@dataclass
class Progress:
    """How far a run has come, for the words and the place of a fault and for what follows."""

    check: Check
    location: Location
    target: str = ""
    stage: Stage = "load"
    mode: Mode | None = None
    found: list[str] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    needs_real: bool = False
    finished: bool = False
    late: bool = False
    reached: Reached | None = None

    def note(self, event: RunEvent) -> None:
        if isinstance(event, TargetsFound):
            self.found = list(event.targets)
        elif isinstance(event, TargetStarted):
            self.target, self.location = event.target, event.location
            self.started.append(event.target)
            self.stage, self.mode = "build", None
        elif isinstance(event, StageEntered):
            self.stage, self.mode = event.stage, event.mode
        elif isinstance(event, NeedsReal):
            self.needs_real = True
        elif isinstance(event, Finished):
            self.finished = True
        elif isinstance(event, Reached):
            self.reached = event

    @property
    def broke_off(self) -> bool:
        """Whether the run ended before it said all it had to say."""
        return not self.finished and not self.needs_real

    def next_check(self) -> Check | None:
        """The check that goes on where this run ended; None where nothing is left to do."""
        skip = tuple(dict.fromkeys([*self.check.skip, *self.started]))
        if self.needs_real and self.check.build == "fake":
            again = tuple(name for name in skip if name != self.target)
            return replace(self.check, build="real", skip=again)
        if self.finished or not set(self.found) - set(skip):
            return None
        return replace(self.check, skip=skip)


async def events(
    host: WorkerHost, check: Check, *, timeout: float
) -> AsyncGenerator[RunEvent, None]:
    """The events of a check, ending with its one `Exited`; `timeout` is in seconds a target.

    A consumer that leaves early (closes the generator) kills the run.

    Raises:
        UnusableInterpreterError: there is no torch to check with.
    """
    following: Check | None = check
    while following is not None:
        progress = Progress(following, _start_of(following.file))
        run = _one_run(host, following, timeout, progress)
        try:
            async for event in run:
                if not isinstance(event, Exited):
                    progress.note(event)
                    yield event
                    continue
                if progress.broke_off:
                    found = fault(progress, event.status, timeout, host_died=not host.alive)
                    yield Found(check.run, found)
                following = progress.next_check()
                if following is None:
                    yield event
        finally:
            await run.aclose()


async def _one_run(
    host: WorkerHost, check: Check, timeout: float, progress: Progress
) -> AsyncGenerator[RunEvent, None]:
    loop = asyncio.get_running_loop()
    await host.ready()
    # What a host has to do before it can begin is not on the run's time.
    deadline = loop.time() + timeout + BEGINNING
    begun = False
    stream = host.check(check)
    # Not asyncio.wait_for: up to Python 3.11 it may swallow a cancellation of this task.
    following: asyncio.Future[RunEvent] | None = None
    try:
        while True:
            following = asyncio.ensure_future(anext(stream))
            await asyncio.wait({following}, timeout=max(0.0, deadline - loop.time()))
            if not following.done() and not progress.late:
                progress.late = True
                await host.kill(check.run, late=True)
                deadline = loop.time() + LAST_WORDS
                await asyncio.wait({following}, timeout=LAST_WORDS)
            if not following.done():
                break
            event = following.result()
            if (isinstance(event, TargetStarted) or not begun) and not progress.late:
                deadline = loop.time() + timeout
            begun = True
            yield event
            if isinstance(event, Exited):
                return
    finally:
        if following is not None and not following.done():
            following.cancel()
            await asyncio.wait({following})
        await stream.aclose()  # kills what is still running
    yield Exited(check.run, -SIGKILL)


def fault(progress: Progress, status: int, timeout: float, *, host_died: bool) -> Finding:
    """The finding for a run that broke off with an exit status, negative for a signal."""
    doing = TABLE[progress.stage].doing
    if progress.reached is not None:
        doing = f"{doing}, at `{progress.reached.excerpt}`"
    exported = progress.late and TABLE[progress.stage].after_export
    rule: RuleCode
    if exported:
        rule = "timeout"
        message = (
            f"The model exports, but after {timeout:g} s the check was still {doing}; leave the"
            f" stage `{progress.stage}` out, or raise the `timeout` setting"
        )
    elif progress.late:
        rule = "timeout"
        message = (
            f"The check was ended after {timeout:g} s while {doing}; look for a loop that does not"
            " end, check a smaller configuration, or raise the `timeout` setting"
        )
    elif status == -SIGKILL and host_died:
        # The system's memory killer takes what is largest, which is the run and not its host.
        rule = "worker-crash"
        message = (
            f"The process that runs all checks was killed from outside (SIGKILL) while {doing}: by"
            " what the model does, or by another program; look for what sends signals"
        )
    elif status == -SIGKILL:
        rule = "out-of-memory"
        message = (
            f"The check was killed from outside while {doing}, which is what the system does when"
            " memory runs out; check a smaller configuration"
        )
    elif is_crash(status):
        rule = "worker-crash"
        message = (
            f"The check crashed with {crash_name(status)} while {doing}; look at what"
            " it calls outside of Python, and at what it printed last"
        )
    elif status == INTERNAL_ERROR:
        rule = "internal-error"
        message = (
            f"export-lsp itself failed while {doing}, which says nothing about the model; please"
            " report it with the traceback from the log"
        )
    else:
        rule = "worker-crash"
        message = (
            f"The process that checked this file left with status {status} while {doing}; code"
            " that ends the process (`os._exit`) cannot be checked"
        )
    modes = (progress.mode,) if progress.mode else ()
    return Finding(
        rule,
        progress.stage,
        modes,
        progress.target,
        progress.location if progress.reached is None else progress.reached.location,
        message,
        related=() if progress.reached is None else progress.reached.related,
        silent=exported,
    )


def _start_of(file: str) -> Location:
    return Location(file, Position(0, 0), Position(0, 0))
