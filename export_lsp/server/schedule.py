"""When to check which file of a workspace folder: one actor, on the event loop.

A file whose targets are checked is an *owner*.  Every request for one has a generation; a newer
request kills the owner's run before anything else, and what an older generation still says is
ignored.  A request for content that was already checked, dependencies included, starts nothing.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from export_lsp.protocol import (
    Check,
    Found,
    Loaded,
    Mode,
    RunEvent,
    StageEntered,
    TargetsFound,
)
from export_lsp.server import disk
from export_lsp.server.hosts import UnusableInterpreterError
from export_lsp.server.interpreters import InterpreterError
from export_lsp.server.results import Results
from export_lsp.server.runs import numbers
from export_lsp.server.tasks import Tasks

PARALLEL_RUNS = 2
# The first save of a burst, whose saves are closer together than BURST, is checked at once, the
# others when none has come for QUIET; the longer the burst, the longer that is, up to BURST.
BURST = 0.3
QUIET = 0.1
# What may be otherwise the next time, though no file has changed.
_FAULTS = {"worker-crash", "out-of-memory", "internal-error"}


class Reporter(Protocol):
    """Is told what happens in a schedule; called on the event loop, must not block."""

    def results_changed(self, files: set[str]) -> None: ...
    def started(self, owner: Path) -> None: ...
    def event(self, owner: Path, event: RunEvent) -> None: ...
    def ended(self, owner: Path) -> None: ...
    def unusable(self, error: UnusableInterpreterError | InterpreterError) -> None: ...


@dataclass(frozen=True)
class Basis:
    """What a result rests on: what was asked and what the files contained."""

    check: Check
    digests: dict[str, str | None]


class Phase(enum.Enum):
    """Where an owner's newest request is."""

    IDLE = enum.auto()
    WAITING = enum.auto()
    RUNNING = enum.auto()


@dataclass
class Owner:
    """The schedule's knowledge of one owner.

    `basis` is that of the run in progress while one runs, else that of the last complete one.
    `one_run` keeps its runs apart: a killed one must be gone before the next begins.
    """

    file: Path
    generation: int = 0
    phase: Phase = Phase.IDLE
    basis: Basis | None = None
    requested: float = float("-inf")
    burst: int = 0
    not_before: float = 0.0
    saved_meanwhile: set[str] = field(default_factory=set)
    one_run: asyncio.Lock = field(default_factory=asyncio.Lock)
    task: asyncio.Task[None] | None = None


@dataclass
class Run:
    """One run of an owner, and what it has said so far."""

    owner: Owner
    generation: int
    loaded: dict[str, str] = field(default_factory=dict)
    modes: dict[str, list[Mode]] = field(default_factory=dict)
    faulty: bool = False
    complete: bool = False

    @property
    def current(self) -> bool:
        return self.owner.generation == self.generation


class Schedule:
    """The checks of one workspace folder.

    `check_for` gives the check of a file as the settings now have it (its `run` is chosen here),
    None for a file that is not to be checked.  `carry_out` yields a check's events, ending with
    its `Exited`; leaving it early kills the run.  `slots` bounds the runs of all folders.
    """

    def __init__(
        self,
        *,
        check_for: Callable[[Path], Check | None],
        carry_out: Callable[[Check], AsyncGenerator[RunEvent, None]],
        results: Results,
        reporter: Reporter,
        slots: asyncio.Semaphore,
    ) -> None:
        self._check_for = check_for
        self._carry_out = carry_out
        self._results = results
        self._reporter = reporter
        self._slots = slots
        self._owners: dict[Path, Owner] = {}
        self._tasks = Tasks()

    @property
    def busy(self) -> list[Path]:
        """The files being checked or waiting for it."""
        return [owner.file for owner in self._owners.values() if owner.phase is not Phase.IDLE]

    @property
    def owners(self) -> list[Path]:
        """The files that were ever asked for and not dropped."""
        return list(self._owners)

    def request(self, file: Path, *, force: bool = False) -> None:
        """Check a file, unless its content and what it imports were checked already."""
        owner = self._owners.setdefault(file, Owner(file))
        if force:
            self._decide(owner, current=False)
        else:
            self._tasks.start(self._look_and_decide(owner))

    def saved(self, file: Path) -> None:
        """A file's content may have changed: check it and every file whose run read it."""
        for owner in self._owners.values():
            if owner.phase is Phase.RUNNING:
                owner.saved_meanwhile.add(str(file))
        for path in [file, *self._results.owners_that_loaded(str(file))]:
            self.request(path)

    def cancel(self, file: Path) -> None:
        """End a file's run or its wait for one; what was found so far stays."""
        owner = self._owners.get(file)
        if owner is None or owner.phase is Phase.IDLE or owner.task is None:
            return
        waited = owner.phase is Phase.WAITING
        owner.generation += 1
        owner.phase = Phase.IDLE
        owner.basis = None
        if owner.task is not asyncio.current_task():
            owner.task.cancel()
        if waited:
            self._reporter.ended(file)

    def cancel_waiting(self) -> None:
        """Give up every check that has not begun."""
        for owner in list(self._owners.values()):
            if owner.phase is Phase.WAITING:
                self.cancel(owner.file)

    def drop(self, file: Path) -> None:
        """Forget a file: end its run and clear what its checks found."""
        self.cancel(file)
        self._owners.pop(file, None)
        self._reporter.results_changed(self._results.drop(file))

    def forget_basis(self) -> None:
        """Take no result for current any more: the next request of each file starts a run."""
        for owner in self._owners.values():
            owner.basis = None

    async def close(self) -> None:
        """End every run and wait until they are gone."""
        for file in list(self._owners):
            self.cancel(file)
        await self._tasks.finish()

    async def _look_and_decide(self, owner: Owner) -> None:
        check = self._check_for(owner.file)
        if check is None:
            if self._knows(owner):
                self.drop(owner.file)
            return
        basis = owner.basis
        current = False
        if basis is not None and basis.check == check:
            now = await asyncio.to_thread(disk.digests, basis.digests)
            # The basis may have been replaced while the files were read.
            current = basis is owner.basis and now == basis.digests
        if self._knows(owner):
            self._decide(owner, current=current)

    def _knows(self, owner: Owner) -> bool:
        return self._owners.get(owner.file) is owner

    def _decide(self, owner: Owner, *, current: bool) -> None:
        if current and owner.phase is not Phase.WAITING:
            return
        now = asyncio.get_running_loop().time()
        owner.burst = owner.burst + 1 if now - owner.requested < BURST else 0
        pause = min(QUIET * 2 ** (owner.burst - 1), BURST) if owner.burst else 0.0
        owner.not_before = now + pause
        owner.requested = now
        if owner.phase is Phase.WAITING:
            return
        if owner.phase is Phase.RUNNING:
            self.cancel(owner.file)
        owner.generation += 1
        owner.phase = Phase.WAITING
        owner.task = self._tasks.start(self._go(owner, owner.generation))

    async def _go(self, owner: Owner, generation: int) -> None:
        """Wait for the owner's turn, then carry out its check."""
        async with owner.one_run:
            await _until_quiet(owner)
            async with self._slots:
                await _until_quiet(owner)
                if owner.generation == generation:
                    await self._run(Run(owner, generation))

    async def _run(self, run: Run) -> None:
        owner = run.owner
        check = self._check_for(owner.file)
        if check is None:
            self.drop(owner.file)
            return
        owner.phase = Phase.RUNNING
        owner.saved_meanwhile.clear()
        owner.basis = Basis(check, disk.digests([check.file]))
        self._reporter.started(owner.file)
        try:
            async with aclosing(self._carry_out(replace(check, run=next(numbers)))) as events:
                async for event in events:
                    # asyncio.wait_for of Python 3.11 and older may swallow a cancellation.
                    if not run.current:
                        return
                    self._take(run, event)
            run.complete = True
        except (UnusableInterpreterError, InterpreterError) as error:
            self._reporter.unusable(error)
        finally:
            self._end(run)

    def _take(self, run: Run, event: RunEvent) -> None:
        owner = run.owner
        result = self._results[owner.file]
        if isinstance(event, Found):
            run.faulty |= event.finding.rule in _FAULTS
            self._reporter.results_changed(self._results.add(owner.file, event.finding))
        elif isinstance(event, Loaded) and owner.basis is not None:
            owner.basis = replace(owner.basis, digests={**owner.basis.digests, **event.files})
            run.loaded.update(event.files)
            result.loaded = {**result.loaded, **event.files}
        elif isinstance(event, TargetsFound):
            result.targets = event.targets
        elif isinstance(event, StageEntered) and event.mode is not None:
            modes = run.modes.setdefault(event.target, [])
            modes += [event.mode] if event.mode not in modes else []
            result.modes = {**result.modes, event.target: modes}
        self._reporter.event(owner.file, event)

    def _end(self, run: Run) -> None:
        owner = run.owner
        if run.complete and run.current:
            result = self._results[owner.file]
            result.loaded = run.loaded or result.loaded
            result.modes = run.modes
            self._reporter.results_changed(self._results.replace(owner.file) | set(run.loaded))
            if owner.saved_meanwhile & set(run.loaded):
                self.request(owner.file)
        elif self._knows(owner):
            self._results.interrupt(owner.file)
        if run.current:
            owner.phase = Phase.IDLE
            if run.faulty or not run.complete:
                owner.basis = None
        self._reporter.ended(owner.file)


async def _until_quiet(owner: Owner) -> None:
    loop = asyncio.get_running_loop()
    while (wait := owner.not_before - loop.time()) > 0:
        await asyncio.sleep(wait)
