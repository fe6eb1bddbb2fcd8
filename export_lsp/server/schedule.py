"""When to check which file of a workspace folder: one actor, on the event loop.

A file whose targets are checked is an *owner*.  Every request for one has a generation; a newer
request kills the owner's run before anything else, and what an older generation still says is
ignored.  A request for content that was already checked, dependencies included, starts nothing.

A run's results are settled as soon as its process has ended; the trials of fixes that follow belong
to it and end with it.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from export_lsp.protocol import (
    Check,
    Exited,
    Found,
    Loaded,
    Mode,
    RunEvent,
    StageEntered,
    TargetsFound,
)
from export_lsp.server import disk
from export_lsp.server.fixing import Budget, Event, Offered, OfferedWhole, with_fixes
from export_lsp.server.hosts import UnusableInterpreterError
from export_lsp.server.interpreters import InterpreterError
from export_lsp.server.results import Results
from export_lsp.server.runs import numbers
from export_lsp.server.slots import Slot, Slots
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
    def fixing(self, owner: Path) -> None: ...
    def ended(self, owner: Path) -> None: ...
    def unusable(self, error: UnusableInterpreterError | InterpreterError) -> None: ...


@dataclass(frozen=True)
class Basis:
    """What a result rests on: what was asked and what the files contained."""

    check: Check
    budget: Budget
    digests: dict[str, str | None]


class Phase(enum.Enum):
    """Where an owner's newest request is."""

    IDLE = enum.auto()
    WAITING = enum.auto()
    RUNNING = enum.auto()
    FIXING = enum.auto()


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
    slot: Slot
    budget: Budget
    loaded: dict[str, str] = field(default_factory=dict)
    modes: dict[str, list[Mode]] = field(default_factory=dict)
    faulty: bool = False
    mendable: bool = False
    settled: bool = False

    @property
    def current(self) -> bool:
        return self.owner.generation == self.generation

    @property
    def over(self) -> bool:
        """Whether nothing is left to do: the results are settled and there is nothing to try."""
        return self.settled and not (self.mendable and self.budget.candidates)


class Schedule:
    """The checks of one workspace folder.

    `check_for` gives the check of a file as the settings now have it (its `run` is chosen here),
    None for a file that is not to be checked, `budget` what looking for fixes may cost.
    `carry_out` yields a check's events, ending with its `Exited`; leaving it early kills the run.
    `slots` bounds the runs of all folders.
    """

    def __init__(
        self,
        *,
        check_for: Callable[[Path], Check | None],
        budget: Callable[[], Budget],
        carry_out: Callable[[Check], AsyncGenerator[RunEvent, None]],
        results: Results,
        reporter: Reporter,
        slots: Slots,
    ) -> None:
        self._check_for = check_for
        self._budget = budget
        self._carry_out = carry_out
        self._results = results
        self._reporter = reporter
        self._slots = slots
        self._owners: dict[Path, Owner] = {}
        self._tasks = Tasks()

    @property
    def busy(self) -> list[Path]:
        """The files being checked or waiting for it, or whose fixes are looked for."""
        return [owner.file for owner in self._owners.values() if owner.phase is not Phase.IDLE]

    @property
    def fixing(self) -> list[Path]:
        """Those of the busy files whose results are settled."""
        return [owner.file for owner in self._owners.values() if owner.phase is Phase.FIXING]

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
        """End a file's run, its trials or its wait; what was found so far stays."""
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
        if basis is not None and (basis.check, basis.budget) == (check, self._budget()):
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
        if owner.phase in (Phase.RUNNING, Phase.FIXING):
            self.cancel(owner.file)
        owner.generation += 1
        owner.phase = Phase.WAITING
        owner.task = self._tasks.start(self._go(owner, owner.generation))

    async def _go(self, owner: Owner, generation: int) -> None:
        """Wait for the owner's turn, then carry out its check."""
        async with owner.one_run:
            await _until_quiet(owner)
            async with self._slots.check() as slot:
                await _until_quiet(owner)
                if owner.generation == generation:
                    await self._run(Run(owner, generation, slot, self._budget()))

    async def _run(self, run: Run) -> None:
        owner = run.owner
        check = self._check_for(owner.file)
        if check is None:
            self.drop(owner.file)
            return
        owner.phase = Phase.RUNNING
        owner.saved_meanwhile.clear()
        owner.basis = Basis(check, run.budget, disk.digests([check.file]))
        self._reporter.started(owner.file)
        try:
            check = replace(check, run=next(numbers))
            async with aclosing(with_fixes(self._in_turn, check, run.budget)) as events:
                async for event in events:
                    # asyncio.wait_for of Python 3.11 and older may swallow a cancellation.
                    if not run.current:
                        return
                    self._take(run, event)
                    if run.over:
                        return
        except (UnusableInterpreterError, InterpreterError) as error:
            self._reporter.unusable(error)
        finally:
            self._end(run)

    async def _in_turn(self, check: Check) -> AsyncGenerator[RunEvent, None]:
        """A check's events; a trial has a slot of its own and waits for it."""
        async with AsyncExitStack() as stack:
            if check.texts:
                await stack.enter_async_context(self._slots.trial())
            events = await stack.enter_async_context(aclosing(self._carry_out(check)))
            async for event in events:
                yield event

    def _take(self, run: Run, event: Event) -> None:
        owner = run.owner
        result = self._results[owner.file]
        if isinstance(event, Offered):
            changed = self._results.offer(owner.file, event.finding, event.fix)
            self._reporter.results_changed(changed)
            return
        if isinstance(event, OfferedWhole):
            self._results.offer_whole(owner.file, event.fix)
            return
        if isinstance(event, Found):
            run.faulty |= event.finding.rule in _FAULTS
            run.mendable |= bool(event.finding.remedies)
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
        if isinstance(event, Exited):
            self._settle(run)

    def _settle(self, run: Run) -> None:
        """The check itself is over: its results stand, whatever its trials say."""
        owner = run.owner
        run.settled = True
        run.slot.release()
        result = self._results[owner.file]
        result.loaded = run.loaded or result.loaded
        result.modes = run.modes
        self._reporter.results_changed(self._results.replace(owner.file) | set(run.loaded))
        if run.faulty:
            owner.basis = None
        if owner.saved_meanwhile & set(run.loaded):
            self.request(owner.file)
        if not run.over:
            owner.phase = Phase.FIXING
            self._reporter.fixing(owner.file)

    def _end(self, run: Run) -> None:
        owner = run.owner
        if not run.settled and self._knows(owner):
            self._results.interrupt(owner.file)
        if run.current:
            owner.phase = Phase.IDLE
            if not run.settled:
                owner.basis = None
        self._reporter.ended(owner.file)


async def _until_quiet(owner: Owner) -> None:
    loop = asyncio.get_running_loop()
    while (wait := owner.not_before - loop.time()) > 0:
        await asyncio.sleep(wait)
